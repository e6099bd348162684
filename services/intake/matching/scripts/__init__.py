"""Scripts: a name in one form (`fold`), in its words (`split`), and each word in a to z (`romanisations`).

A registrar hears a name and writes it in the letters of the place; these are the likely spellings, made by small
tables, one module for a script, each with its source. Nothing here says that two words are one name: that is heard
elsewhere.
"""

from services.intake.matching.scripts.folding import fold, script_of
from services.intake.matching.scripts.romanising import romanisations, spellings, undoubled
from services.intake.matching.scripts.splitting import split, splits

__all__ = ["fold", "romanisations", "script_of", "spellings", "split", "splits", "undoubled"]
