"""How similar two spellings are: measures on short strings, each between 0 (nothing in common) and 1 (the same).

Pure functions of two strings in normal form; ``matching`` defines the thresholds.
"""

from __future__ import annotations


def order_ratio(a: str, b: str) -> float:
    """Share of letters that both have in the same order: twice the longest common subsequence over both lengths.

    Never below the ratio of Python's ``difflib.SequenceMatcher``, whose matching blocks are a common subsequence.
    """
    if a == b:
        return 1.0
    places: dict[str, int] = {}
    for index, letter in enumerate(a):
        places[letter] = places.get(letter, 0) | (1 << index)
    full = (1 << len(a)) - 1
    row = full
    for letter in b:  # Hyyrö's bit-parallel form: a zero bit marks a step of the subsequence
        hits = row & places.get(letter, 0)
        row = ((row + hits) | (row - hits)) & full
    return 2 * (len(a) - row.bit_count()) / (len(a) + len(b))


def letter_ratio(a: str, b: str) -> float:
    """Share of letters that both have in any order: high for jumbled letters, as in Jsneo for Jones."""
    left = list(b)
    common = 0
    for letter in a:
        if letter in left:
            left.remove(letter)
            common += 1
    return 2 * common / (len(a) + len(b)) if a or b else 1.0


def edits(a: str, b: str) -> int:
    """Letters inserted, left out, replaced, or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, start=1):
        before, above, row = row, before, [i]
        for j, other in enumerate(b, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]
