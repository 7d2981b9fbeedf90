"""What is told of a backup is written as its reader writes."""

from __future__ import annotations

from pathlib import Path

from tests.unit.hotline import test_backup

migrated = test_backup.migrated
site = test_backup.site


def test_who_reads_chinese_is_told_of_a_backup_with_chinese_marks(site: test_backup.Site, tmp_path: Path):
    chinese = {"LC_ALL": "zh_CN.UTF-8", "LANG": "zh_CN.UTF-8", "LANGUAGE": ""}
    place = str(tmp_path / "kept")
    made = site.says("backup", place, **chinese)
    looked = site.says("backup", "--verify", place, **chinese)
    for answer in (made, looked):
        assert answer.exit_code == 0, answer.output
        facts = next(line for line in answer.output.splitlines() if "个文件" in line)
        assert "：" in facts
        assert not any(mark in facts for mark in (": ", ". ", "; "))
