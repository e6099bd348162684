"""Photos and documents as telephones, scanners and office programs make them, with what they should not tell."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image

SECRET = "QUILLCANARY"


def photo(
    kind: str = "JPEG", size: tuple[int, int] = (64, 48), orientation: int = 1, says: str = SECRET, **more: Any
) -> bytes:
    """A photo: red above, blue below, with where, when and by whom it was taken, and something appended."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (0, size[1] // 2, size[0], size[1]))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x013B] = orientation, f"{says} telephones", says
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (33.0, 53.0, 20.0), "E", (35.0, 30.0, 5.0)
    place[29] = says
    told: dict[str, Any] = {"exif": exif, **more}
    if kind == "JPEG":
        told["comment"] = says.encode()
    made = io.BytesIO()
    picture.save(made, kind, **told)
    return made.getvalue() + (says.encode() if kind == "JPEG" else b"")


def paper(pages: int = 1, *, password: str | None = None, says: str = SECRET) -> bytes:
    """A PDF with an author, a history, scripts, a file inside, a link, a note, and a photo as it was taken."""
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(200, 200))
    pdf.docinfo["/Author"] = says
    with pdf.open_metadata() as metadata:
        metadata["dc:title"] = says
    script = Dictionary(S=Name.JavaScript, JS=f"app.alert('{says}')")
    pdf.Root.OpenAction = script
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["x", script])))
    pdf.attachments[f"{says}.txt"] = pikepdf.AttachedFileSpec(pdf, says.encode(), filename=f"{says}.txt")
    page = pdf.pages[0]
    page.obj.AA = Dictionary(O=script)
    page.obj.PieceInfo = Dictionary(X=Dictionary(LastModified=says))
    page.Contents = Stream(pdf, b"q 100 0 0 100 10 10 cm /Photo Do Q")
    page.Resources = Dictionary(XObject=Dictionary(Photo=_picture(pdf, says)))
    link = Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.URI, URI=f"https://{says}.example")
    )
    note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=[0, 0, 9, 9], T=says, Contents="A remark")
    within = Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=[0, 0, 9, 9], Contents=says)
    page.Annots = Array([pdf.make_indirect(link), note, within])
    made = io.BytesIO()
    locked: Any = False if password is None else pikepdf.Encryption(owner="owner", user=password)
    pdf.save(made, encryption=locked)
    return made.getvalue()


def _picture(pdf: Pdf, says: str) -> Stream:
    found = Stream(pdf, photo(progressive=True, says=says))
    for name, value in {"Type": Name.XObject, "Subtype": Name.Image, "Width": 64, "Height": 48}.items():
        found[f"/{name}"] = value
    found["/ColorSpace"], found["/BitsPerComponent"], found["/Filter"] = Name.DeviceRGB, 8, Name.DCTDecode
    return found


def plainly(content: bytes) -> bytes:
    """Everything in a PDF, unpacked; or the bytes of anything else."""
    if not content.startswith(b"%PDF"):
        return content
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.save(
            made,
            qdf=True,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
        )
    return made.getvalue()
