"""`rempart trouble`: breaks simulated equipment on purpose, repairs it, and moves what a street has."""

from __future__ import annotations

import argparse
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from controller.cli import bench, troubles, world
from controller.cli.exits import Exit, Failure

USAGE = """
what there is to do:
  list                        what can be broken and how, and what is broken now
  KIND TARGET [KEY=VALUE …]   break something, until `clear` or --for S is over:
      a link or a unit
        any                   silence delay jitter cut reboot warm-restart
        modbus                exception busy gateway wrong-unit wrong-function
                              function-zero short-answer trickle
                              old-transaction bad-length echo
        several               one-way lossy duplicate garble noise reset
        mqtt                  not-json key-case
      a link                  drop half-open refuse broker-gone slow-publishing
                              moved-nodes
      a unit
        modbus                watchdog-expires output-supply input-supply
        a plc, a counter      plc-stop retained wrong-clock
        a radar               standby self-test interference low-voltage
        any                   another-module
      UNIT.POINT              freeze swap-inputs bad-quality
      UNIT.OUTPUT             echo-lies welded relay-dead dead-output
      DEVICE.SIGNAL           stick break-cable chatter
      a mover                 jam weak halfway sink coast self-start release
                              reversed pushed obstruct estop key-left
                              limit-early limit-late both-limits cable-torn
      a loop                  loop-open loop-short loop-stuck loop-deaf
                              loop-detuned loop-crosstalk phantom parked
      a signal, a beacon      lamp-out lamp-flickers aspects-shorted
      another device          controller-fails radar-stuck count-wild
                              counter-covered door-open crowd
      a supply                mains-loss brown-out battery-low
      a lane                  speeding reckless
  clear [TARGET]              repair it, or everything
  occupy LOOP, vacate [LOOP]  put a vehicle on a loop, take it away
  drive LANE [kmh=V]          send a vehicle down a lane
  local DEVICE on|off         turn the key switch at the equipment
  move DEVICE to=0…1          move steel by hand
  contact DEVICE on|off       open a cabinet door, and close it
  people DEVICE count=N       put people on the square
  traffic on|off              let vehicles come by themselves, or not
  world                       where everything is
"""

SWITCHES: Mapping[str, bool] = {"on": True, "off": False}
Words = list[str]


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = USAGE
    parser.usage = "rempart trouble WHAT [TARGET] [KEY=VALUE …] [--for S] [--json]"
    parser.add_argument("what", metavar="WHAT", help="see below")
    parser.add_argument("words", metavar="TARGET", nargs="*", help="what it befalls, and KEY=VALUE particulars")
    parser.add_argument("--for", dest="for_s", metavar="S", type=float, help="seconds until it ends by itself")
    parser.add_argument("--bench", metavar="FILE", type=Path, help="the simulators that wrote this bench file")
    parser.add_argument("--site", metavar="NAME", default="", help="of several on this machine, those of this site")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(given: Namespace) -> Exit:
    """Say it to the simulators and print what they answer."""
    wanted = request(given.what, given.words)
    if given.for_s is not None:
        if wanted["do"] != "trouble":
            raise Failure(Exit.USAGE, f"--for: {given.what} does not end by itself")
        wanted["for_s"] = given.for_s
    answer = bench.ask(bench.find(given.bench, given.site), wanted)
    if given.json:
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        print("\n".join(_told(given.what, wanted, answer)))
    return Exit.DONE


def request(what: str, words: Words) -> dict[str, Any]:
    """Turn the words of a person into a request. Raises Failure."""
    makers: Mapping[str, Callable[[Words], dict[str, Any]]] = {
        "list": lambda given: _one(given, ""),
        "world": lambda given: _one(given, ""),
        "clear": lambda given: _one(given, "which", optional=True),
        "occupy": lambda given: _one(given, "loop"),
        "vacate": lambda given: _one(given, "loop", optional=True),
        "drive": lambda given: _one(given, "lane"),
        "move": lambda given: _one(given, "plant"),
        "people": lambda given: _one(given, "plant"),
        "local": lambda given: _switched(given, "on"),
        "contact": lambda given: _switched(given, "disturbed"),
        "traffic": lambda given: {"on": _switch(given[0] if len(given) == 1 else "")},
    }
    maker = makers.get(what)
    if maker is None:
        return {"do": "trouble", "kind": what, **_one(words, "target")}
    return {"do": what, **maker(words)}


def _one(words: Words, key: str, *, optional: bool = False) -> dict[str, Any]:
    """Take at most one plain word under `key`, and the particulars."""
    plain = [word for word in words if "=" not in word]
    if len(plain) > (1 if key else 0):
        raise Failure(Exit.USAGE, f"{plain[-1]!r}: one word too many; particulars are given as KEY=VALUE")
    if key and not plain and not optional:
        raise Failure(Exit.USAGE, f"which {key}? see `rempart trouble --help`")
    particulars = dict(word.split("=", 1) for word in words if "=" in word)
    return {**({key: plain[0]} if plain else {}), **{name: _value(text) for name, text in particulars.items()}}


def _switched(words: Words, key: str) -> dict[str, Any]:
    if len(words) != 2:
        raise Failure(Exit.USAGE, "expected a device and on or off")
    return {"plant": words[0], key: _switch(words[1])}


def _switch(word: str) -> bool:
    if word not in SWITCHES:
        raise Failure(Exit.USAGE, f"{word!r}: expected on or off")
    return SWITCHES[word]


def _value(text: str) -> Any:
    """Read a number, true or false; anything else is text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _told(what: str, wanted: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    if what == "list":
        return troubles.lines(answer)
    if what == "world":
        return world.lines(answer["world"])
    if what == "clear":
        return [f"repaired: {', '.join(answer['cleared']) or 'nothing was broken'}"]
    if wanted["do"] == "trouble":
        ends = (
            f", for {wanted['for_s']:g} s" if "for_s" in wanted else f"; `rempart trouble clear {answer['id']}` ends it"
        )
        return [f"{answer['id']}: {what} {wanted['target']}{ends}"]
    return [f"{what}: " + (", ".join(f"{key} {troubles.plain(value)}" for key, value in answer.items()) or "done")]
