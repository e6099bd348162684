"""What an operator does with one service: status, holds, the trail, a rebuild, the proof of an erasure, its keys.

`kinbridge` does it on a data folder with all three services; `python -m services.NAME.admin` where each runs by itself.
"""
