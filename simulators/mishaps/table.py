"""The one table of every misfortune: `rempart trouble list`, usage and reference come from it, or are held to it.

What a row promises is acted out beside: `gates` for what befalls answers, `serving` for what befalls servers, and the files named
after what is befallen for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulators.mishaps.kinds import Group, Kind, Option, Target, between, needed, number, whole, word

TCP, RTU, SERIAL, OPCUA, MQTT = WIRES = ("modbus-tcp", "modbus-rtu", "serial", "opcua", "mqtt")
MODBUS = (TCP, RTU)
LISTENING = (TCP, OPCUA, MQTT)
LONGEST_S = 600.0
REBOOT_S = 3.0

MEMBER = whole("which member, from 0; all unless given", None, 0, 19)
END = word("which limit switch", "raised", "lowered")
SHARE = between("how many of them, 0 to 1", 0.5, 0.0, 1.0)


def _late(words: str, default: float) -> Option:
    return number(words, default, LONGEST_S)


def _wire(
    name: str, wires: tuple[str, ...], words: str, target: Target = Target.LINK_OR_UNIT, **options: Option
) -> Kind:
    return Kind(name, Group.WIRE, target, words, wires, options)


def _unit(name: str, wires: tuple[str, ...], words: str, target: Target = Target.UNIT, **options: Option) -> Kind:
    return Kind(name, Group.UNIT, target, words, wires, options)


def _equipment(name: str, target: Target, words: str, **options: Option) -> Kind:
    return Kind(name, Group.EQUIPMENT, target, words, (), options)


def _world(name: str, target: Target, words: str, **options: Option) -> Kind:
    return Kind(name, Group.WORLD, target, words, (), options)


_ON_THE_WIRE = (
    _wire("drop", WIRES, "connections are closed and new ones refused; a serial cable is pulled", Target.LINK),
    _wire("silence", WIRES, "everything is accepted, nothing is done and nothing answered"),
    _wire("delay", WIRES, "each answer comes late", seconds=_late("how late", 1.0)),
    _wire("jitter", WIRES, "each answer comes late, by chance", seconds=_late("how late at most", 0.5)),
    _wire("cut", WIRES, "each answer breaks off half-way, and a connection with it"),
    _wire("exception", MODBUS, "each request is answered with a Modbus exception",
          code=whole("exception code, 6 is busy", 6, 1, 255)),
    _wire("busy", MODBUS, "some requests are answered with exception 6, busy", share=SHARE),
    _wire("gateway", MODBUS, "a gateway waits for the unit in vain and answers exception 11",
          seconds=_late("how long it waits", 1.0)),
    _wire("wrong-unit", MODBUS, "answers carry another unit's id"),
    _wire("wrong-function", MODBUS, "answers carry another function code"),
    _wire("function-zero", MODBUS, "answers carry function 0, as some relay boards give them"),
    _wire("short-answer", MODBUS, "a read is answered with fewer values than were asked for"),
    _wire("one-way", (*MODBUS, OPCUA), "requests arrive and are carried out, and no answer comes back"),
    _wire("lossy", (TCP, RTU, SERIAL), "some requests, or frames, are lost", share=SHARE),
    _wire("duplicate", (TCP, RTU, SERIAL, MQTT), "each answer, frame or report comes twice"),
    _wire("trickle", MODBUS, "answers come byte by byte", seconds=number("between two bytes", 0.01, 10.0)),
    _wire("old-transaction", (TCP,), "answers carry the transaction id of an earlier request"),
    _wire("bad-length", (TCP,), "the header of each answer promises more bytes than come"),
    _wire("garble", (RTU, SERIAL), "one bit of each answer or frame is turned over"),
    _wire("noise", (RTU, SERIAL), "noise comes before each answer or frame",
          count=whole("how many bytes", 3, 1, 32)),
    _wire("echo", (RTU,), "the line returns each request before its answer, as a two-wire adapter does"),
    _wire("reset", (TCP, OPCUA), "the connection is reset at each request"),
    _wire("half-open", LISTENING, "connections that stand hear nothing any more, new ones work", Target.LINK),
    _wire("refuse", LISTENING, "new connections are refused, those that stand go on", Target.LINK),
    _wire("broker-gone", (MQTT,), "the broker has stopped: it closes each connection and forgets everything", Target.LINK),
    _wire("retained", (MQTT,), "the broker keeps a report of long ago for whoever subscribes", Target.UNIT,
          age_s=number("how old it is", 3600.0, 31_536_000.0)),
    _wire("not-json", (MQTT,), "reports are not JSON"),
    _wire("key-case", (MQTT,), "the keys of reports begin with a capital, as other firmware writes them"),
    _wire("slow-publishing", (OPCUA,), "the server makes the publishing interval of new subscriptions longer", Target.LINK,
          seconds=_late("shortest interval", 2.0)),
    _wire("moved-nodes", (OPCUA,), "the server starts anew: sessions are lost, its nodes are in another namespace", Target.LINK),
)  # fmt: skip

_IN_A_UNIT = (
    Kind("reboot", Group.UNIT, Target.LINK_OR_UNIT, "outputs off at once, connections lost for as long as it lasts", WIRES,
         {}, REBOOT_S),
    Kind("warm-restart", Group.UNIT, Target.LINK_OR_UNIT, "connections lost for as long as it lasts, outputs stay on", WIRES,
         {}, REBOOT_S),
    _unit("freeze", WIRES, "a point keeps its value", Target.POINT,
          value=Option("any", "what it shows instead; what it shows now unless given")),
    _unit("watchdog-expires", MODBUS, "its watchdog expires now: outputs off until somebody re-arms it"),
    _unit("another-module", WIRES, "another module was put in: it says who it is, and is not the right one"),
    _unit("echo-lies", MODBUS, "a write is acknowledged and the output stays as it is", Target.OUTPUT),
    _unit("welded", WIRES, "the contact of a relay is welded: on, whatever is written and read", Target.OUTPUT),
    _unit("relay-dead", WIRES, "a relay does not pull: off, whatever is written and read", Target.OUTPUT),
    _unit("dead-output", WIRES, "orders are acknowledged and read back, and the output stays as it is", Target.OUTPUT),
    _unit("output-supply", MODBUS, "the supply of its outputs is gone: all are off, whatever is written and read"),
    _unit("input-supply", MODBUS, "the supply of its inputs is gone: all read false"),
    _unit("swap-inputs", MODBUS, "two of its inputs are crossed", Target.POINT,
          **{"with": needed("the other input, needed")}),
    _unit("bad-quality", (OPCUA,), "the PLC says itself that a value is bad", Target.POINT,
          status=word("as which status code", "BadSensorFailure", "BadCommunicationError", "BadOutOfService")),
    _unit("plc-stop", (OPCUA,), "its program stands still: orders are gone, values stay, the server answers"),
    _unit("wrong-clock", (MQTT,), "its clock is wrong, and so are the times in its reports",
          seconds=between("how far it is ahead", 3600.0, -31_536_000.0, 31_536_000.0)),
    _unit("standby", (SERIAL,), "a radar is on standby: no antenna transmits"),
    _unit("self-test", (SERIAL,), "a radar tests itself"),
    _unit("interference", (SERIAL,), "a radar reports radio interference"),
    _unit("low-voltage", (SERIAL,), "a radar reports that its supply is too low"),
)  # fmt: skip

_AT_THE_EQUIPMENT = (
    _equipment("stick", Target.SIGNAL, "a limit switch, or another input, stays as it is",
               value=Option("any", "as what it stays; as it is unless given")),
    _equipment("break-cable", Target.SIGNAL, "an input reads false"),
    _equipment("chatter", Target.SIGNAL, "a contact bounces: its input turns over and over",
               every_s=number("time between two turns", 0.1, 60.0, 0.01)),
    _equipment("cable-torn", Target.MOVER, "every input that it speaks through reads false"),
    _equipment("both-limits", Target.MOVER, "both limit switches are made, wherever it stands"),
    _equipment("limit-early", Target.MOVER, "a limit switch is made before the end",
               end=END, by=number("part of the travel", 0.1, 0.9)),
    _equipment("limit-late", Target.MOVER, "a limit switch is made long after the end was reached",
               end=END, seconds=_late("how long after", 2.0)),
    _equipment("jam", Target.MOVER, "steel does not move", member=MEMBER),
    _equipment("weak", Target.MOVER, "pressure is low: steel moves slowly",
               part=number("of its speed", 0.4, 0.95), member=MEMBER),
    _equipment("halfway", Target.MOVER, "steel that comes to a place stays there",
               at=number("which place, 0 lowered to 1 raised", 0.5, 0.999)),
    _equipment("sink", Target.MOVER, "steel at rest sinks", per_s=number("part of the travel each second", 0.01, 1.0)),
    _equipment("coast", Target.MOVER, "its drive runs on after the order ends", seconds=_late("how long", 0.5)),
    _equipment("self-start", Target.MOVER, "its drive starts with no order", way=word("which way", "raise", "lower")),
    _equipment("release", Target.MOVER, "its release valve is open: steel goes down whatever is ordered"),
    _equipment("reversed", Target.MOVER, "its drive is wired the wrong way round"),
    _equipment("obstruct", Target.MOVER, "its edge is pressed: its input `obstruction` is on"),
    _equipment("estop", Target.MOVER, "its emergency stop is pressed: it stands still, its input `estop` is on"),
    _equipment("key-left", Target.MOVER, "the key switch was left on local"),
    _equipment("lamp-out", Target.LIGHT, "a lamp is burnt",
               lamp=Option("text", "of a signal halt, which it is unless given, or go")),
    _equipment("lamp-flickers", Target.LIGHT, "its lamps go on and off while they are ordered on",
               every_s=number("time between two changes", 0.5, 60.0, 0.1)),
    _equipment("aspects-shorted", Target.LAMPS, "its lamps are shorted: each lights with the other"),
    _equipment("controller-fails", Target.CONTROLLER, "it is no longer in normal operation",
               how=word("how it fails", "flashing", "dark", "failure")),
    _equipment("loop-open", Target.LOOP, "its wire is broken: a fault, and it detects nothing"),
    _equipment("loop-short", Target.LOOP, "its wire is shorted: a fault, and it detects nothing"),
    _equipment("loop-stuck", Target.LOOP, "it detects a vehicle for ever"),
    _equipment("loop-deaf", Target.LOOP, "it detects nothing and shows no fault"),
    _equipment("loop-detuned", Target.LOOP, "it forgets a vehicle that stands on it for long",
               seconds=_late("how long it remembers", 240.0)),
    _equipment("loop-crosstalk", Target.LOOP, "it detects what stands on another loop",
               **{"with": needed("the other loop, needed")}),
    _equipment("phantom", Target.LOOP, "it detects vehicles that are not there, again and again",
               every_s=number("time between two", 5.0, LONGEST_S, 0.1)),
    _equipment("radar-stuck", Target.RADAR, "it shows the same speed for ever",
               kmh=whole("which speed", 50, 0, 255)),
    _equipment("count-wild", Target.COUNTER, "it counts what cannot be", people=whole("how many", 180_000, 0, 10_000_000)),
    _equipment("counter-covered", Target.COUNTER, "it is covered and counts nobody"),
    _equipment("door-open", Target.CONTACT, "the door is open: the contact is not as it should be"),
    _equipment("mains-loss", Target.SUPPLY, "its contact opens, what it feeds stands still or goes dark, then its battery fails",
               battery_s=number("time until the battery's contact opens too; as simulation.yaml says unless given",
                                None, LONGEST_S)),
    _equipment("brown-out", Target.SUPPLY, "the mains dip again and again",
               every_s=number("time between two dips", 2.0, LONGEST_S), dip_s=number("how long each is", 0.3, LONGEST_S)),
    _equipment("battery-low", Target.SUPPLY, "the battery's contact opens while the mains are there"),
)  # fmt: skip

_IN_THE_STREET = (
    _world("pushed", Target.MOVER, "somebody pushes steel by hand and holds it",
           to=between("where, 0 lowered to 1 raised", 0.5, 0.0, 1.0)),
    _world("parked", Target.LOOP, "a vehicle breaks down on it"),
    _world("speeding", Target.LANE, "whoever drives there goes too fast", kmh=number("how fast", 90.0, 250.0)),
    _world("reckless", Target.LANE, "whoever drives there goes by the signal"),
    _world("crowd", Target.COUNTER, "people crowd the square", people=whole("how many", 5000, 0, 1_000_000)),
)  # fmt: skip

TABLE: Mapping[str, Kind] = {k.name: k for k in (*_ON_THE_WIRE, *_IN_A_UNIT, *_AT_THE_EQUIPMENT, *_IN_THE_STREET)}


def of(group: Group) -> list[Kind]:
    """Return the kinds of a group, in the order of the table."""
    return [kind for kind in TABLE.values() if kind.group is group]
