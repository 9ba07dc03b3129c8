"""An installed wheel has everything that a checkout runs with."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ("controller", "drivers", "simulators", "sites")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the built wheel's content, as pip would lay it into site-packages."""
    wheels = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(wheels), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = wheels.glob("rempart-*.whl")
    target = tmp_path_factory.mktemp("site-packages")
    zipfile.ZipFile(wheel).extractall(target)
    return target


def run_installed(installed: Path, elsewhere: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in another folder, with the wheel's content before the checkout."""
    environment = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=elsewhere, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_wheel_holds_every_file_of_the_shipped_folders(installed: Path):
    def content(root: Path) -> set[str]:
        files = (path for folder in SHIPPED for path in (root / folder).rglob("*") if path.is_file())
        return {path.relative_to(root).as_posix() for path in files if path.suffix not in (".pyc", ".sqlite3")}

    expected = {name for name in content(ROOT) if "__pycache__" not in name}
    assert content(installed) == expected


def test_the_wheel_brings_no_top_level_folder_but_the_shipped_ones(installed: Path):
    folders = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    assert folders == set(SHIPPED)


def test_the_wheel_carries_licence_and_notice(installed: Path):
    (info,) = installed.glob("*.dist-info")
    assert (info / "licenses" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert "asyncua" in (info / "licenses" / "NOTICE").read_text(encoding="utf-8")


def test_the_sites_are_found_beside_the_packages(installed: Path, tmp_path: Path):
    found = run_installed(
        installed,
        tmp_path,
        "-c",
        "import controller, pathlib; print(pathlib.Path(controller.__file__).parent.parent / 'sites')",
    )
    assert Path(found.stdout.strip()) == installed / "sites", found.stderr


def test_the_entry_point_loads(installed: Path, tmp_path: Path):
    (info,) = installed.glob("*.dist-info")
    (entry,) = PathDistribution(info).entry_points.select(group="console_scripts")
    assert (entry.name, entry.value) == ("rempart", "controller.cli:main")
    loaded = run_installed(installed, tmp_path, "-c", "from controller.cli import main; assert callable(main)")
    assert loaded.returncode == 0, loaded.stderr


def test_the_console_of_the_wheel_speaks_its_languages(installed: Path, tmp_path: Path):
    program = """
from controller.console import words
assert str(words.HERE).startswith(__import__("sys").argv[1]), words.HERE
print(*(words.tongue(language).say("Lockdown") for language in words.LANGUAGES), sep="|")
"""
    said = run_installed(installed, tmp_path, "-c", program, str(installed))
    assert said.stdout.strip() == "Lockdown|Verrouillage d’urgence|Blocco d’emergenza|Noodafsluiting|Notabriegelung", (
        said.stderr
    )


def test_pytest_finds_the_plugin_of_the_wheel(installed: Path, tmp_path: Path):
    helped = run_installed(installed, tmp_path, "-m", "pytest", "--help")
    assert "--rempart-site=SITE" in helped.stdout, helped.stdout + helped.stderr


def test_a_shipped_site_checks_from_any_folder(installed: Path, tmp_path: Path):
    checked = run_installed(
        installed,
        tmp_path,
        "-c",
        "import sys; from controller.cli import main; sys.exit(main())",
        "check",
        "nice-promenade",
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
