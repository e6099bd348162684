"""What a photo or document tells beyond what it shows is taken out."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from services.intake.cleaning.cleaner import cleaned
from services.intake.cleaning.pictures import LONGEST_SIDE
from shared.errors import InvalidInput
from tests.intake.attachments.files import SECRET, paper, photo, plainly

MOST = 10 * 1024 * 1024


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def code_of(content: bytes, most: int = MOST) -> str:
    with pytest.raises(InvalidInput) as refused:
        cleaned(content, most)
    return refused.value.fields[0].code


def test_the_files_of_these_tests_do_tell_it() -> None:
    assert SECRET.encode() in photo()
    assert opened(photo()).getexif().get_ifd(0x8825)[29] == SECRET
    plain = plainly(paper())
    assert plain.count(SECRET.encode()) > 8
    assert SECRET.encode() in plain[plain.index(b"\xff\xd8\xff") :]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_keeps_its_points_and_nothing_else(kind: str) -> None:
    clean = cleaned(photo(kind), MOST)
    made = opened(clean.content)
    assert (made.format, clean.media_type) == (kind, f"image/{kind.lower()}")
    assert SECRET.encode() not in clean.content
    assert dict(made.getexif()) == {}
    assert {"exif", "icc_profile", "comment", "xmp"}.isdisjoint(made.info)
    red, blue = (made.convert("RGB").getpixel((30, y)) for y in (5, 40))
    assert red[0] > 200 > 60 > red[2]
    assert blue[2] > 200 > 60 > blue[0]


def test_text_and_profiles_of_other_writers_go_too() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", SECRET)
    told.add_itxt("XML:com.adobe.xmp", f"<x>{SECRET}</x>")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made = io.BytesIO()
    Image.new("RGB", (20, 20), "green").save(made, "PNG", pnginfo=told, icc_profile=profile, dpi=(300, 300))
    clean = cleaned(made.getvalue(), MOST).content
    assert SECRET.encode() not in clean
    assert opened(clean).info == {}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright_as_it_was_taken(orientation: int) -> None:
    made = opened(cleaned(photo(orientation=orientation), MOST).content)
    assert made.size == ((64, 48) if orientation < 5 else (48, 64))
    top_left = made.getpixel((2, 2))
    assert isinstance(top_left, tuple)
    is_red = top_left[0] > 200
    assert is_red == (orientation in {1, 2, 5, 8}), "EXIF 2.32, table 4: where the row 0 is"


def test_a_large_photo_becomes_smaller_and_one_of_too_many_points_is_refused() -> None:
    made = opened(cleaned(photo(size=(6000, 1500)), MOST).content)
    assert made.size == (LONGEST_SIDE, 1024)
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 100_000
    assert code_of(bomb.getvalue()) == "too_many_points"


def test_a_photo_that_is_cut_off_is_refused() -> None:
    whole = photo("PNG", size=(300, 300))
    assert code_of(whole[: len(whole) // 2]) == "broken"
    assert code_of(photo(size=(900, 900))[:3000]) == "broken"


def test_only_the_first_picture_of_a_moving_one_is_kept() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    made = io.BytesIO()
    frames[0].save(made, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    clean = opened(cleaned(made.getvalue(), MOST).content)
    assert getattr(clean, "n_frames", 1) == 1


def test_colours_of_every_kind_of_picture_are_taken() -> None:
    for mode in ("1", "L", "LA", "P", "RGBA", "I;16"):
        made = io.BytesIO()
        Image.new(mode, (10, 10)).save(made, "PNG")
        assert opened(cleaned(made.getvalue(), MOST).content).size == (10, 10), mode
    made = io.BytesIO()
    Image.new("CMYK", (10, 10)).save(made, "JPEG")
    assert opened(cleaned(made.getvalue(), MOST).content).mode == "RGB"


def test_a_paper_keeps_its_pages_and_nothing_that_acts_or_hides() -> None:
    clean = cleaned(paper(2), MOST).content
    plain = plainly(clean)
    assert SECRET.encode() not in plain
    for name in (b"/JavaScript", b"/OpenAction", b"/EmbeddedFile", b"/Metadata", b"/Author", b"/PieceInfo", b"/URI"):
        assert name not in plain
    with pikepdf.open(io.BytesIO(clean)) as pdf:
        assert len(pdf.pages) == 2
        page = pdf.pages[0]
        picture = opened(page.Resources.XObject.Photo.read_raw_bytes())
        picture.load()
        assert dict(picture.getexif()) == {}
        assert "A remark" in [str(one.get("/Contents")) for one in page.Annots]
        assert len(page.Annots) == 2


def test_what_an_earlier_version_of_a_paper_said_is_gone() -> None:
    with pikepdf.open(io.BytesIO(paper())) as pdf:
        made = io.BytesIO()
        pdf.save(made)
    older = made.getvalue() + f"\n1000 0 obj\n({SECRET} as it was)\nendobj\n%%EOF\n".encode()
    assert SECRET.encode() not in plainly(cleaned(older, MOST).content)


@pytest.mark.parametrize("password", ["", "open"])
def test_a_locked_paper_is_refused(password: str) -> None:
    assert code_of(paper(password=password)) == "encrypted"


def test_a_paper_of_too_many_pages_and_one_that_is_none_are_refused() -> None:
    assert code_of(paper(301)) == "too_many_pages"
    assert code_of(b"%PDF-1.7\n" + bytes(1000)) == "broken"


def test_the_limit_holds_for_what_came_and_for_what_is_kept() -> None:
    assert code_of(photo(), most=100) == "too_large"


def test_the_cleaner_knows_no_setting_and_the_service_loads_no_decoder() -> None:
    told = "import sys, services.intake.app; print(*{one.partition('.')[0] for one in sys.modules})"
    loaded = set(subprocess.check_output([sys.executable, "-c", told], text=True).split())
    assert {"PIL", "pikepdf", "boto3", "botocore"}.isdisjoint(loaded)
    assert "services" in loaded


def test_the_cleaner_reads_nothing_of_the_service() -> None:
    """Under its limits it is alone with the file; and nobody waits for half a second of reading."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-E", "-s", "-m", "services.intake.cleaning", "image/jpeg"],
        input=photo(),
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    read = done.stderr.decode()
    assert "PIL.Image" in read
    assert not [one for one in ("sqlalchemy", "pydantic", "services.intake.casework", "shared") if f" {one}" in read]
