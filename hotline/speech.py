"""`hotline speech`: what callers can say instead of pressing keys, and what makes text of their messages."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from agent_desktop.words import N_
from hotline.packages import SetupRefused
from hotline.settings import Settings
from hotline.speech_models import OFFICIAL, fault_of, install, vosk_models
from hotline.speech_packages import whisper_base, whisper_engine, whisper_tiny_english
from hotline.speech_words import flow_of
from hotline.terminal import say, tell, told
from hotline.transcribing import transcriber_models
from ivr.catalogue import LANGUAGES
from ivr.recogniser import RecogniserLost
from ivr.recogniser_pool import never_heard
from ivr.site_findings import flow_phrases

speech = typer.Typer(help="Recognition of speech: models for menus and voice messages.", no_args_is_help=True)

MESSAGES = "messages"


@speech.command("install")
def install_command(
    what: Annotated[
        str, typer.Argument(help="zh or en: menus by voice in this language. messages: text of messages and talks.")
    ],
    file: Annotated[Path | None, typer.Option("--from", help="A model's archive that was fetched elsewhere.")] = None,
) -> None:
    """Get a model. A running platform uses it after its next start."""
    settings = Settings()
    if what == MESSAGES:
        for fetch in (whisper_engine, whisper_tiny_english, whisper_base):
            fetch(settings.cache_dir.resolve(), tell)
        say(N_("Voice messages and recorded talks become text from the next start on."))
        return
    if what not in OFFICIAL:
        raise SetupRefused(
            "There is nothing called {what}. Choose one of: {names}.",
            what=repr(what),
            names=", ".join((*OFFICIAL, MESSAGES)),
        )
    install(settings, OFFICIAL[what], file, report=tell)


@speech.command()
def words(
    language: Annotated[str, typer.Argument(help="zh or en.")],
    phrases: Annotated[
        list[str] | None,
        typer.Argument(help="What callers may say, in quotes if it has blanks; else the menu's."),
    ] = None,
    flow: Annotated[Path | None, typer.Option(help="A menu's file; else the shipped menu.")] = None,
) -> None:
    """Which phrases can be heard. Exit status 1 when one never can, because a word is not in the vocabulary."""
    language = OFFICIAL[language].language if language in OFFICIAL else language
    phrases = phrases or list(flow_phrases(flow_of(flow), language))
    model = vosk_models(Settings()).get(language)
    if model is None:
        raise SetupRefused(
            "No model for {language} is installed. Run: hotline speech install zh (or en)", language=repr(language)
        )
    try:
        deaf_to = asyncio.run(never_heard(model, tuple(phrases)))
    except RecogniserLost as lost:
        raise SetupRefused("The model in {model} cannot be used: {reason}.", model=model, reason=lost) from lost
    for phrase in phrases:
        heard = N_("{phrase}: never heard, a word is unknown") if phrase in deaf_to else N_("{phrase}: heard")
        say(heard, phrase=phrase)
    if deaf_to:
        raise typer.Exit(1)


@speech.command()
def status() -> None:
    """Which languages are heard, and what is wrong with the others."""
    settings = Settings()
    models, messages = vosk_models(settings), transcriber_models(settings.cache_dir.resolve())
    short = {model.language: name for name, model in OFFICIAL.items()}
    for language in sorted({*LANGUAGES, *models}):
        folder = models.get(language)
        if folder is None:
            word = told(N_("keys only. By voice: hotline speech install {short}"), short=short[language])
        else:
            fault = fault_of(folder)
            faulty, well = N_("keys only: {fault} ({folder})"), N_("keys and voice, {folder}")
            word = told(faulty, fault=told(fault), folder=folder) if fault else told(well, folder=folder)
        read = (
            N_("messages become text")
            if language in messages
            else N_("messages stay sound: hotline speech install {what}")
        )
        text = told(read, what=MESSAGES)
        typer.echo(f"{language}: {word}; {text}")
