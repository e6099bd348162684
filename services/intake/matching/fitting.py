"""Weights are fitted: logistic regression whose weights may have to be of one sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Fitted:
    """Constant and weights, in bits."""

    constant: float
    weights: Numbers


def fit(
    rows: Numbers, matches: Numbers, importance: Numbers | None = None, signs: Sequence[int] = (), ridge: float = 1.0
) -> Fitted:
    """Fit P(match | row) = 1 / (1 + 2^-(constant + row · weights)).

    `rows`: (n, k); `matches`: n of 0 or 1; `importance`: of each row, 1 without; `signs`: of each weight, 1 where it
    may not be negative, -1 where it may not be positive, else 0. Newton's method, with steps that stay on those sides.
    """
    count, width = rows.shape
    spread = np.maximum(rows.std(axis=0), 1e-6)
    scaled = np.hstack([np.ones((count, 1)), rows / spread])
    weight = np.ones(count) if importance is None else importance
    side = np.zeros(width + 1) if not signs else np.array([0, *signs], dtype=float)
    beta = np.zeros(width + 1)
    penalty = np.full(width + 1, ridge)
    penalty[0] = 1e-6

    def cost(at: Numbers) -> float:
        odds = scaled @ at
        return float(weight @ (np.logaddexp(0, odds) - matches * odds) + (penalty * at) @ at / 2)

    for _ in range(100):
        chance = 1 / (1 + np.exp(-np.clip(scaled @ beta, -30, 30)))
        gradient = scaled.T @ (weight * (chance - matches)) + penalty * beta
        curve = np.maximum(weight * chance * (1 - chance), 1e-9)
        hessian = (scaled * curve[:, None]).T @ scaled + np.diag(penalty)
        step = _best_step(hessian, gradient, beta, side) if side.any() else -np.linalg.solve(hessian, gradient)
        before, share = cost(beta), 1.0
        while cost(beta + share * step) > before and share > 1e-4:
            share /= 2
        beta = beta + share * step
        if np.abs(share * step).max() < 1e-6:
            break
    bits = beta / np.log(2)
    return Fitted(float(bits[0]), bits[1:] / spread)


def _best_step(hessian: Numbers, gradient: Numbers, beta: Numbers, side: Numbers) -> Numbers:
    """The step that makes the quadratic model least and leaves every weight on its side, by coordinate descent."""
    step = np.zeros_like(beta)
    slope = gradient.copy()
    for _ in range(300):
        largest = 0.0
        for at in range(len(beta)):
            wanted = beta[at] + step[at] - slope[at] / hessian[at, at]
            if side[at] and np.sign(wanted) == -side[at]:
                wanted = 0.0
            moved = wanted - beta[at] - step[at]
            if moved:
                step[at] += moved
                slope += hessian[:, at] * moved
                largest = max(largest, abs(moved))
        if largest < 1e-9:
            break
    return step
