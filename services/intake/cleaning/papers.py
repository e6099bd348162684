"""A PDF, written anew with what its pages show: no authors, no history, no scripts, no files inside, nothing that acts.

What is taken out is named by ISO 32000-2: metadata (14.3), actions (12.6), embedded files (7.11.4), XFA (annex K).
"""

from __future__ import annotations

import io
import zlib
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from services.intake.cleaning.jpegs import plain_jpeg, plain_jpx
from services.intake.cleaning.refusing import Refused

MOST_PAGES = 300
UNPACKED = 64 * 1024 * 1024
"""Bytes of one picture inside that was packed twice."""
TAKEN_OUT = (
    "/AA", "/AF", "/Collection", "/DSS", "/EF", "/EmbeddedFiles", "/JS", "/JavaScript", "/LastModified", "/Metadata",
    "/OpenAction", "/Perms", "/PieceInfo", "/RichMediaContent", "/RichMediaSettings", "/Thumb", "/URI", "/XFA",
)  # fmt: skip
ACTIONS = frozenset(
    {
        "/GoTo3DView", "/GoToE", "/GoToR", "/Hide", "/ImportData", "/JavaScript", "/Launch", "/Movie", "/Named",
        "/Rendition", "/ResetForm", "/RichMediaExecute", "/SetOCGState", "/Sound", "/SubmitForm", "/Thread", "/Trans",
        "/URI",
    }
)  # fmt: skip
"""All but `GoTo`, which leads to another page of the same paper."""
HOLDS_MORE = frozenset({"/3D", "/FileAttachment", "/Movie", "/RichMedia", "/Screen", "/Sound"})
"""Kinds of annotations that hold more than a page shows."""
OF_WHO_WROTE_IT = ("/T", "/M", "/NM", "/CreationDate")


def clean_paper(content: bytes) -> bytes:
    """The same pages. Raises `Refused`."""
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                raise Refused("encrypted")
            if not 0 < len(pdf.pages) <= MOST_PAGES:
                raise Refused("too_many_pages" if pdf.pages else "broken")
            return _written_anew(pdf)
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, OverflowError, RecursionError, zlib.error):
        raise Refused("broken") from None


def _written_anew(pdf: Pdf) -> bytes:
    for name in ("/Info", "/ID"):
        if name in pdf.trailer:
            del pdf.trailer[name]
    for page in pdf.pages:
        _keep_plain_annotations(page.obj)
    for one in pdf.objects:
        _clean(one, 0)
    made = io.BytesIO()
    pdf.save(made, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return made.getvalue()


def _keep_plain_annotations(page: Object) -> None:
    found = page.get("/Annots")
    if found is None:
        return
    kept = [one for one in found.as_list() if str(one.get("/Subtype")) not in HOLDS_MORE]
    for one in kept:
        if str(one.get("/Subtype")) != "/Widget":
            _take_out(one, OF_WHO_WROTE_IT)
    page["/Annots"] = Array(kept)


def _clean(one: Any, depth: int) -> None:
    """Take out what is not to be kept, here and in what stands directly within; what is referred to comes by itself."""
    if depth > 60:
        raise Refused("broken")
    if isinstance(one, Array):
        for inner in one.as_list():
            _clean_direct(inner, depth)
    elif isinstance(one, Dictionary | Stream):
        _take_out(one, TAKEN_OUT)
        for name in [str(key) for key in one.keys()]:  # noqa: SIM118 # no mapping of Python's
            if _acts(one[name]):
                del one[name]
            else:
                _clean_direct(one[name], depth)
        if isinstance(one, Stream):
            _clean_picture(one)


def _clean_direct(inner: Any, depth: int) -> None:
    if isinstance(inner, Object) and not inner.is_indirect:
        _clean(inner, depth + 1)


def _take_out(one: Object, names: tuple[str, ...] | list[str]) -> None:
    for name in names:
        if name in one:
            del one[name]


def _acts(value: Any) -> bool:
    return isinstance(value, Dictionary) and str(value.get("/S")) in ACTIONS


def _clean_picture(stream: Stream) -> None:
    """Photos inside keep what their cameras wrote: a JPEG as it was taken is a picture of a PDF as it is."""
    filters = stream.get("/Filter")
    names = [] if filters is None else [str(one) for one in (filters if isinstance(filters, Array) else [filters])]
    if not names or names[-1] not in {"/DCTDecode", "/JPXDecode"}:
        return
    packed = stream.read_raw_bytes()
    if names[:-1] == ["/FlateDecode"]:
        packed = zlib.decompressobj().decompress(packed, UNPACKED)
    elif names[:-1]:
        raise Refused("broken")
    plain = plain_jpeg(packed) if names[-1] == "/DCTDecode" else plain_jpx(packed)
    stream.write(plain, filter=Name(names[-1]), decode_parms=_parameters(stream) if len(names) == 1 else None)


def _parameters(stream: Stream) -> Dictionary | None:
    found = stream.get("/DecodeParms")
    return found if isinstance(found, Dictionary) else None
