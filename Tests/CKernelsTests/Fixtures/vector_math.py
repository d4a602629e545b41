"""Prints the polynomials of Sources/CKernels/ck_vector.h: minimax fits by Remez exchange, rounded to float32.

    python3 vector_math.py        (needs mpmath and numpy)

Each fit minimises the relative error of the function it serves, so its weight is that of the term in the result.
"""
import mpmath as mp
import numpy as np

mp.mp.dps = 40


def remez(target, weight, low, high, degree):
    """Coefficients c, and the greatest |weight(x) · (Σ c[k] xᵏ − target(x))| on [low, high]."""
    count = degree + 2
    angles = [mp.pi * (count - 1 - i + mp.mpf("0.013") * (0 < i < count - 1)) / (count - 1) for i in range(count)]
    points = [(low + high) / 2 + (high - low) / 2 * mp.cos(a) for a in angles]
    grid = [low + (high - low) * (i + mp.mpf("0.31") * (0 < i < 4000)) / 4000 for i in range(4001)]
    targets, weights = [target(x) for x in grid], [weight(x) for x in grid]
    while True:
        system, right = mp.matrix(count, count), mp.matrix(count, 1)
        for i, x in enumerate(points):
            for k in range(degree + 1):
                system[i, k] = weight(x) * x**k
            system[i, degree + 1] = (-1) ** i
            right[i] = weight(x) * target(x)
        solution = mp.lu_solve(system, right)
        coefficients = [solution[k] for k in range(degree + 1)]
        errors = [w * (mp.polyval(coefficients[::-1], x) - t) for x, t, w in zip(grid, targets, weights)]
        # The next points are the extrema of the error between its sign changes.
        runs = [[0]]
        for i in range(1, len(grid)):
            if (errors[i] > 0) == (errors[runs[-1][-1]] > 0):
                runs[-1].append(i)
            else:
                runs.append([i])
        extrema = [max(run, key=lambda i: abs(errors[i])) for run in runs]
        while len(extrema) > count:
            extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
        moved = [grid[i] for i in extrema]
        if len(moved) < count or moved == points:
            return coefficients, max(abs(e) for e in errors)
        points = moved


def show(name, fit):
    coefficients, error = fit
    print(f"{name}   (relative error {mp.nstr(error, 2)})")
    for k, c in enumerate(coefficients):
        print(f"    x^{k}: {np.float32(float(c)).item().hex()}")


half = mp.log(2) / 2 * mp.mpf("1.001")
show("exp: (eʳ − 1 − r) / r²", remez(
    lambda r: (mp.exp(r) - 1 - r) / r**2 if r else mp.mpf(1) / 2,
    lambda r: r * r * mp.exp(-r), -half, half, 4))
show("log: (log(1 + f) − f + f²/2) / f³", remez(
    lambda f: (mp.log(1 + f) - f + f * f / 2) / f**3 if abs(f) > 1e-8 else mp.mpf(1) / 3,
    lambda f: abs(f**3 / mp.log(1 + f)) if abs(f) > 1e-8 else f * f, 1 / mp.sqrt(2) - 1, mp.sqrt(2) - 1, 8))
show("tanh: (tanh(√t) / √t − 1) / t", remez(
    lambda t: (mp.tanh(mp.sqrt(t)) / mp.sqrt(t) - 1) / t,
    lambda t: t * mp.sqrt(t) / mp.tanh(mp.sqrt(t)), mp.mpf("1e-6"), mp.mpf("0.625") ** 2, 4))
show("erf below 0.9: erf(√t) / √t, of which ck_vector.h takes 1 out of x^0", remez(
    lambda t: mp.erf(mp.sqrt(t)) / mp.sqrt(t),
    lambda t: mp.sqrt(t) / mp.erf(mp.sqrt(t)), mp.mpf("1e-6"), mp.mpf("0.9") ** 2, 6))
show("erf above 0.9: −log(1 − erf x)", remez(
    lambda x: -mp.log(mp.erfc(x)),
    lambda x: mp.erfc(x) / mp.erf(x), mp.mpf("0.9"), mp.mpf("3.95"), 6))
