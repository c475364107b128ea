"""Holds every figure of `tamis drift --json` against SciPy's over the same counts.

Usage: drift.py REPORT.json ...; prints how many figures were compared, or fails at the first that differs.
"""

import json
import sys

import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon
from scipy.special import kolmogorov

compared = 0


def near(name, found, wanted, relative=1e-10, absolute=1e-13):
    global compared
    compared += 1
    if not abs(found - wanted) <= relative * abs(wanted) + absolute:
        sys.exit(f"{name}: {found!r}, SciPy says {wanted!r}")


def column(one, alpha):
    name = one["name"]
    reference, current = np.array(one["reference"]), np.array(one["current"])
    tested = np.array([one["tested"]["reference"], one["tested"]["current"]])
    n, m = tested.sum(axis=1)
    assert (n, m) == (reference.sum(), current.sum()) == (one["records"]["reference"], one["records"]["current"])
    cells = tested.shape[1]

    # The index is the sum of the two entropies relative to each other; half a record stands in every cell besides.
    p, q = tested[0] + 0.5, tested[1] + 0.5
    psi = stats.entropy(p, q) + stats.entropy(q, p)
    near(f"{name} psi", one["psi"], psi)
    critical = stats.chi2.isf(alpha, cells - 1) * (1 / n + 1 / m) if cells > 1 else 0.0
    near(f"{name} critical", one["psi_critical"], critical)

    near(f"{name} js", one["jensen_shannon"], jensenshannon(reference, current, 2), absolute=1e-8)
    if cells > 1:
        statistic, chance, freedom, _ = stats.chi2_contingency(tested, correction=False)
        near(f"{name} chi2", one["chi_square"]["statistic"], statistic)
        near(f"{name} chi2 p", one["chi_square"]["p"], chance)
        assert one["chi_square"]["freedom"] == freedom
        index = stats.chi2.sf(psi / (1 / n + 1 / m), cells - 1)
        near(f"{name} p", one["p"], max(chance, index))

    if one["kind"] == "number":
        points = np.array(one["representatives"])
        # The last cell holds what is missing.
        a, b = reference[: len(points)], current[: len(points)]
        near(f"{name} w1", one["wasserstein"], stats.wasserstein_distance(points, points, a, b), 1e-9)
        mean = np.average(points, weights=a)
        sd = np.sqrt(np.average((points - mean) ** 2, weights=a))
        near(f"{name} w1 sd", one["wasserstein_sd"], one["wasserstein"] / sd if sd > 0 else 0.0, 1e-9)
        # Every record at the number of its cell: ties as the binning made them.
        ks = stats.ks_2samp(np.repeat(np.arange(len(a)), a), np.repeat(np.arange(len(b)), b), method="asymp")
        near(f"{name} ks", one["ks"], ks.statistic)
        scale = np.sqrt(a.sum() * b.sum() / (a.sum() + b.sum()))
        near(f"{name} ks p", one["ks_p"], kolmogorov(one["ks"] * scale))
    return one


def rate(name, one):
    sides = [one["reference"], one["current"]]
    table = [[side["part"], side["whole"] - side["part"]] for side in sides]
    part, whole = sum(side["part"] for side in sides), sum(side["whole"] for side in sides)
    pooled = part / whole
    if min(side["whole"] for side in sides) * min(pooled, 1 - pooled) < 10:
        chance = stats.fisher_exact(table)[1] if 0 < part < whole else 1.0
    else:
        chance = stats.chi2_contingency(table, correction=False)[1]
    near(f"{name} p", one["p"], chance, 1e-8)
    interval = stats.binomtest(one["current"]["part"], one["current"]["whole"]).proportion_ci(method="wilson")
    near(f"{name} low", one["interval"][0], interval.low, absolute=1e-12)
    near(f"{name} high", one["interval"][1], interval.high, absolute=1e-12)
    scale = [2 * np.arcsin(np.sqrt(side["rate"])) for side in sides]
    near(f"{name} effect", one["effect"], scale[1] - scale[0])
    return one


def check(path):
    with open(path) as file:
        drift = json.load(file)
    rules = drift["rules"]
    tested = [column(one, rules["alpha"]) for one in drift["columns"]]
    if drift["score"]:
        tested.append(column(drift["score"], rules["alpha"]))
    tested.append(rate("acceptance", drift["acceptance"]))
    if drift["anomalies"]:
        tested.append(rate("anomalies", drift["anomalies"]))

    def smaller(one):
        if "records" in one:
            return min(one["records"].values())
        return min(one["reference"]["whole"], one["current"]["whole"])

    judged = [one for one in tested if smaller(one) >= rules["min_records"]]
    adjusted = stats.false_discovery_control([one["p"] for one in judged]) if judged else []
    for one, wanted in zip(judged, adjusted):
        near("adjusted", one["adjusted"], wanted)
        large = one["psi"] > rules["min_psi"] if "psi" in one else abs(one["effect"]) > rules["min_effect"]
        sure = one["adjusted"] <= rules["alpha"]
        wanted = "drift" if sure and large else "slight" if sure else "stable"
        assert one["verdict"] == wanted, (one.get("name"), one["verdict"], wanted)
        # What drifts lies above its critical value too.
        assert one["verdict"] != "drift" or "psi" not in one or one["psi"] > one["psi_critical"]


for path in sys.argv[1:]:
    check(path)
print(f"{compared} figures agree")
