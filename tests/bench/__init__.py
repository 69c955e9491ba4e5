"""Benchmarks: trigdash beside stock Textual, in the same run, interleaved, as ratios.

python -m tests.bench            all
python -m tests.bench B1 B12     some
"""
