"""Whether a challenger takes the champion's place: gate.py CHALLENGER.json CHAMPION.json, figures of `tamis evaluate`.

Says why on stdout; the exit code is 1 where it does not. The rules stand in params.yaml under `gate`.
"""

import json
import sys
from pathlib import Path

import yaml


def reasons(challenger: dict, champion: dict, rules: dict, contamination: float) -> list[str]:
    """What speaks against the challenger."""
    against = []
    for figure in ("auroc", "average_precision"):
        new, old = challenger[figure], champion[figure]
        if new < old - rules["margin"]:
            against.append(f"its {figure} is {new:.4f}, the champion's {old:.4f}")
    rate = challenger["flagged"] / challenger["labelled"]
    if not contamination / rules["times"] <= rate <= contamination * rules["times"]:
        against.append(f"it flags {rate:.2%} where {contamination:.2%} was asked for")
    if challenger["outliers"] < rules["outliers"]:
        against.append(f"{challenger['outliers']} known anomalies are too few to tell")
    return against


def main() -> int:
    challenger, champion = (json.loads(Path(name).read_text()) for name in sys.argv[1:3])
    params = yaml.safe_load(Path("params.yaml").read_text())
    if challenger == champion:
        print("the challenger does the same as the champion")
        return 1
    against = reasons(challenger, champion, params["gate"], params["train"]["contamination"])
    if against:
        print("; ".join(against))
        return 1
    print(
        f"AUROC {challenger['auroc']:.4f} [{challenger['auroc_low']:.4f}, {challenger['auroc_high']:.4f}] "
        f"on {challenger['labelled']} orders held out, the champion's {champion['auroc']:.4f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
