"""A photo, made anew from its points alone: no EXIF, no place, no XMP, no comment, no thumbnail, nothing appended."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageCms, UnidentifiedImageError

from services.intake.cleaning.refusing import Refused

MOST_POINTS = 60_000_000
"""Of what comes in; telephones take up to 50 million."""
LONGEST_SIDE = 4096
"""Of what is kept, in points: a document is read in it, and a face is known."""
_FORMATS = ("JPEG", "PNG", "WEBP")
_HOW = {"JPEG": {"quality": 90, "optimize": True}, "PNG": {}, "WEBP": {"quality": 90, "method": 4}}


def clean_picture(content: bytes) -> bytes:
    """The picture in the format it came in, upright, at most `LONGEST_SIDE` long. Raises `Refused`."""
    Image.MAX_IMAGE_PIXELS = MOST_POINTS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            picture.verify()
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            kind = picture.format or "JPEG"
            picture.load()
            clean = _plain(picture, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("too_many_points") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, IndexError, TypeError, EOFError):
        raise Refused("broken") from None
    made = io.BytesIO()
    clean.save(made, kind, **_HOW[kind])
    return made.getvalue()


def _plain(picture: Image.Image, kind: str) -> Image.Image:
    """Points in the colours that every screen shows, turned as they were taken, and nothing else."""
    upright = picture.getexif().get(_ORIENTATION, 1)
    coloured = _in_common_colours(picture, kind)
    coloured.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    turn = _TURNS.get(upright)
    turned = coloured if turn is None else coloured.transpose(turn)
    plain = Image.new(turned.mode, turned.size)
    plain.paste(turned)
    return plain


def _in_common_colours(picture: Image.Image, kind: str) -> Image.Image:
    profile = picture.info.get("icc_profile")
    see_through = kind != "JPEG" and (picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info)
    mode = "RGBA" if see_through else "L" if picture.mode in {"1", "L", "I", "I;16"} else "RGB"
    if picture.mode in {"I", "I;16"}:
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if profile and picture.mode in {"RGB", "CMYK"} and mode == "RGB":
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            made = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if made is not None:
                return made
        except ImageCms.PyCMSError:
            pass  # a profile that cannot be read changes shades, not what is seen
    return picture.convert(mode)


_ORIENTATION = 0x0112
"""EXIF 2.32, table 4."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
