"""A folder as an archive whose bytes depend on nothing but its files: archive.py FOLDER ARCHIVE(.tar.gz|.zip)

Names in order, the time of SOURCE_DATE_EPOCH, no owner. It is Python because the tar programs of three systems differ.
"""

import gzip
import io
import os
import sys
import tarfile
import time
import zipfile
from pathlib import Path


def main(folder: Path, archive: Path) -> None:
    moment = int(os.environ["SOURCE_DATE_EPOCH"])
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    # Windows knows no such bit: programs are told by their folder's only file without a point in its name, or by .exe.
    entries = [(path, path.relative_to(folder.parent).as_posix(), is_program(path)) for path in files]
    archive.write_bytes(zipped(entries, moment) if archive.suffix == ".zip" else tarred(entries, moment))


def is_program(path: Path) -> bool:
    return path.name in ("tamis", "tamis.exe")


def tarred(entries, moment: int) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, name, program in entries:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.mode = path.stat().st_size, moment, 0o755 if program else 0o644
            with path.open("rb") as file:
                tar.addfile(entry, file)
    return gzip.compress(packed.getvalue(), mtime=moment)


def zipped(entries, moment: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, name, program in entries:
            entry = zipfile.ZipInfo(name, time.gmtime(moment)[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if program else 0o100644) << 16
            archive.writestr(entry, path.read_bytes())
    return packed.getvalue()


main(Path(sys.argv[1]), Path(sys.argv[2]))
