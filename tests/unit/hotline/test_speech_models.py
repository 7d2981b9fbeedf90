"""An operator gets a model for menus by voice: checked, remembered by its hash, with a word for every fault."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

from hotline.packages import SetupRefused
from hotline.settings import Settings
from hotline.speech_models import OFFICIAL, fault_of, install, vosk_models
from hotline.speech_packages import ENGINE, KOREAN, MODELS, entries
from hotline.speech_words import flow_of
from ivr.site_findings import flow_phrases
from tests.command import app

ZH = OFFICIAL["zh"]
FILES = {"am/final.mdl": b"model", "conf/model.conf": b"--beam=10", "README": b"x"}


def archive(path: Path, files: dict[str, bytes], folder: str = ZH.name) -> Path:
    with zipfile.ZipFile(path, "w") as out:
        for name, content in files.items():
            out.writestr(f"{folder}/{name}" if folder else name, content)
    return path


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("HOTLINE_CACHE_DIR", str(tmp_path / "cache"))
    return Settings()


def test_a_model_that_was_fetched_elsewhere_is_installed_and_found(settings: Settings, tmp_path: Path) -> None:
    told: list[object] = []
    folder = install(settings, ZH, archive(tmp_path / "m.zip", FILES), report=told.append)
    assert vosk_models(settings) == {"zh-CN": folder}
    assert fault_of(folder) == ""
    assert "SHA-256" in str(told[-1])


def test_another_file_under_the_same_name_is_refused_afterwards(settings: Settings, tmp_path: Path) -> None:
    folder = install(settings, ZH, archive(tmp_path / "m.zip", FILES), report=lambda _: None)
    with pytest.raises(SetupRefused, match="SHA-256"):
        install(settings, ZH, archive(tmp_path / "n.zip", FILES | {"README": b"y"}), report=lambda _: None)
    assert (folder / "README").read_bytes() == b"x"
    install(settings, ZH, tmp_path / "m.zip", report=lambda _: None)


def test_files_that_were_changed_since_are_noticed(settings: Settings, tmp_path: Path) -> None:
    folder = install(settings, ZH, archive(tmp_path / "m.zip", FILES), report=lambda _: None)
    (folder / "am" / "final.mdl").write_bytes(b"other")
    assert "changed" in fault_of(folder)


@pytest.mark.parametrize(
    "files", [{"../evil": b"x"}, {"/etc/evil": b"x"}, {"a/../../evil": b"x"}, {"README": b"x"}, {}], ids=str
)
def test_an_archive_that_is_no_model_changes_nothing(
    settings: Settings, tmp_path: Path, files: dict[str, bytes]
) -> None:
    with pytest.raises(SetupRefused):
        install(settings, ZH, archive(tmp_path / "m.zip", files, folder=""), report=lambda _: None)
    assert vosk_models(settings) == {}
    assert not (tmp_path / "evil").exists()
    assert [path.name for path in settings.speech_dir.iterdir()] == []


def test_half_an_archive_is_refused_with_a_sentence(settings: Settings, tmp_path: Path) -> None:
    whole = archive(tmp_path / "m.zip", FILES)
    whole.write_bytes(whole.read_bytes()[:100])
    with pytest.raises(SetupRefused, match="no complete archive"):
        install(settings, ZH, whole, report=lambda _: None)


def test_without_internet_the_operator_is_told_what_to_do(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_internet(*_: object, **__: object) -> None:
        raise httpx2.ConnectError("Name or service not known")

    monkeypatch.setattr(httpx2, "stream", no_internet)
    with pytest.raises(SetupRefused) as refused:
        install(settings, ZH, report=lambda _: None)
    assert ZH.address in str(refused.value)
    assert f"hotline speech install zh --from {ZH.name}.zip" in str(refused.value)


def test_the_status_tells_for_each_language_what_callers_can_do(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(settings, ZH, archive(tmp_path / "m.zip", FILES), report=lambda _: None)
    monkeypatch.setenv("HOTLINE_SPEECH_MODELS", json.dumps({"en": str(tmp_path / "nowhere")}))
    lines = CliRunner().invoke(app, ["speech", "status"]).output.splitlines()
    assert lines[0].startswith("en: keys only: the folder does not exist")
    assert lines[1].startswith("zh-CN: keys and voice")
    assert all("messages stay sound" in line for line in lines)


def test_an_unknown_language_is_refused_with_the_choice() -> None:
    with pytest.raises(SetupRefused, match="zh, en, messages"):
        CliRunner().invoke(app, ["speech", "install", "fr"], catch_exceptions=False)


def test_every_package_of_speech_is_fixed_by_version_and_hash_and_names_no_address() -> None:
    for lock in (MODELS, ENGINE):
        found = entries(lock)
        assert all("--hash=sha256:" in entry for entry in found.values())
        assert "://" not in lock.read_text()
    assert KOREAN in entries(MODELS)
    assert "faster-whisper" in entries(ENGINE)
    assert KOREAN not in (MODELS.parent / "requirements.lock").read_text()


def test_the_words_of_the_shipped_menu_are_those_that_a_model_is_asked_about() -> None:
    english, mandarin = (flow_phrases(flow_of(None), language) for language in ("en", "zh-CN"))
    assert {"repair", "tow truck", "yes", "no"} <= set(english)
    assert {"维修", "救援", "是的"} <= set(mandarin)
    assert len(english) == len(set(english))
