"""What is said before the set-up, in the language of the terminal: there is no catalogue yet. Standard library only."""

from __future__ import annotations

import os
from collections.abc import Mapping

CHINESE = {
    "Making the virtual environment": "正在建立虚拟环境",
    "Installing packages: {count} of about {total}, {seconds} s": "正在安装软件包：{count} / 约 {total}，{seconds} 秒",
    "{count} packages installed in {seconds} s": "已安装 {count} 个软件包，用时 {seconds} 秒",
    "Installing {names} ({purposes})": "正在安装 {names}（{purposes}）",
    "Hotline needs Python 3.11 or newer; {program} is {version}. Name a newer one: make PYTHON=/usr/bin/python3.11": (
        "Hotline 需要 Python 3.11 或更高版本；{program} 是 {version}。请指定更新的：make PYTHON=/usr/bin/python3.11"
    ),
    "Cannot write {file} ({reason}). Clone to a folder you own.": (
        "无法写入 {file}（{reason}）。请克隆到您自己的文件夹。"
    ),
    "The packages could not be installed: {reason}. Check the network, then run make again.": (
        "软件包安装失败：{reason}。请检查网络，再运行 make。"
    ),
    "{command} failed: {reason}": "{command} 失败：{reason}",
    "Missing for {purposes}: {names} (Debian names). Install them; see docs/other-systems.md.": (
        "缺少{purposes}所需的软件包：{names}（Debian 名称）。请安装；见 docs/other-systems.md。"
    ),
    "Missing system packages. Run: {command}": "缺少系统软件包。请运行：{command}",
    "Please run in another terminal:\n\n    {command}\n\nThe set-up goes on by itself.": (
        "请在另一个终端运行：\n\n    {command}\n\n安装会自动继续。"
    ),
    "the virtual environment": "虚拟环境",
    "simulated customers": "模拟客户",
    "browser tests": "浏览器测试",
    "Chinese in browser tests": "浏览器测试的中文字体",
    "database tests": "数据库测试",
    "prompt tests": "语音提示测试",
}


def language_of(environment: Mapping[str, str]) -> str:
    """zh-CN for a Chinese locale, else English: a terminal that says nothing may have no Chinese signs."""
    named = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "zh-CN" if named.lower().startswith("zh") else "en"


def first_told(message_id: str, **values: object) -> str:
    """For who sits at this terminal; `message_id` is a key of CHINESE, with its gaps."""
    message = CHINESE.get(message_id, message_id) if language_of(os.environ) == "zh-CN" else message_id
    return message.format(**values) if values else message
