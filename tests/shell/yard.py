"""The site `yard`, for a scripted wire: one bollard with its signal, two loops."""

from __future__ import annotations

from controller.core.spec import Action, Drive, Kind, MoverSpec, SignalSpec, Spec
from controller.peer import Plan
from controller.plant import Fitting, Plant, Wire
from controller.ports import Point, Unit
from tests.shell.scripted_link import ScriptedLink


def link_at_rest(where: str = "raised") -> ScriptedLink:
    """Make the wire of `plant`: steel at `where`, both loops clear, the signal at halt."""
    link = ScriptedLink()
    link.steel(where)
    link.set("io", halt_lamp=True, go_lamp=False)
    link.set("detectors", entry=False, exit=False)
    return link


def plant(
    link: ScriptedLink,
    *,
    presence: tuple[str, ...] = ("entry", "exit"),
    poll_s: float = 0.02,
    max_age_s: float = 5.0,
    travel_s: float = 10.0,
    simulated: bool = False,
) -> Plant:
    """Make the site `yard`: zone `gate` with a bollard and its signal on unit io, and loops entry and exit on detectors.

    Zone `empty` has nothing in it.
    """
    inputs = {name: Point(name, name, max_age_s=max_age_s) for name in ("raised", "lowered", "halt_lamp", "go_lamp")}
    outputs = {name: Point(name, name, writable=True) for name in ("raise", "lower", "go", "halt")}
    loops = {name: Point(name, name, max_age_s=max_age_s) for name in ("entry", "exit")}
    io = Unit("io", link.name, 1, {**inputs, **outputs})
    detectors = Unit("detectors", link.name, 2, loops)
    plans = (
        Plan(unit=io, points=tuple(inputs.values()), poll_s=poll_s),
        Plan(unit=detectors, points=tuple(loops.values()), poll_s=poll_s),
    )
    return Plant(
        name="yard",
        title="The yard",
        zones={"gate": "The gate", "empty": "Nothing here"},
        wires=(Wire(name=link.name, url="scripted://wire", link=link, plans=plans),),
        fittings=(
            _bollard(link, outputs, presence, max_age_s, travel_s),
            _signal(link, outputs, max_age_s),
            *(_loop(name, max_age_s) for name in loops),
        ),
        simulated=simulated,
        revision="0123abcd",
        timezone="Europe/Zurich",
    )


def _bollard(
    link: ScriptedLink, outputs: dict[str, Point], presence: tuple[str, ...], max_age_s: float, travel_s: float
) -> Fitting:
    spec = MoverSpec(
        id="bollard",
        kind=Kind.BOLLARD,
        title="The bollard",
        zone="gate",
        inputs={"raised": max_age_s, "lowered": max_age_s},
        outputs=("raise", "lower"),
        tops=("raised",),
        bottoms=("lowered",),
        secures=Action.RAISE,
        drive=Drive(),
        travel_s=travel_s,
        presence=presence,
    )
    return Fitting(
        spec=spec,
        inputs={("io", name): (name,) for name in spec.inputs},
        outputs={name: (link.name, "io", outputs[name]) for name in spec.outputs},
    )


def _signal(link: ScriptedLink, outputs: dict[str, Point], max_age_s: float) -> Fitting:
    spec = SignalSpec(
        id="signal",
        kind=Kind.SIGNAL,
        title="The signal",
        zone="gate",
        inputs={"halt_lamp": max_age_s, "go_lamp": max_age_s},
        outputs=("halt", "go"),
        follows="bollard",
        go_state="lowered",
    )
    return Fitting(
        spec=spec,
        inputs={("io", name): (name,) for name in spec.inputs},
        outputs={name: (link.name, "io", outputs[name]) for name in spec.outputs},
    )


def _loop(name: str, max_age_s: float) -> Fitting:
    spec = Spec(id=name, kind=Kind.LOOP, title=f"Loop {name}", zone="gate", inputs={"detect": max_age_s})
    return Fitting(spec=spec, inputs={("detectors", name): ("detect",)}, outputs={})
