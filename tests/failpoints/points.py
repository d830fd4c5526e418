"""The named points, each with how it is found in the running program and with what must go on for it to be passed.

A point is before or after a function of the production code, around a record that says a certain event (`stepped`:
in the state, not on disk; `durable`: on disk, nobody was told; `said`: sent and answered), or around a request to
the disk. Nothing of this is in the production code: arm.py wraps it in the process that is to die.

Source     reliability.md section 2.2 (FP), F01-F04, G3, G4; architecture.md promise 13.
"""

from enum import StrEnum

from msgspec import Struct


class Scene(StrEnum):
    """What goes on while a point is waited for."""

    FRESH = "fresh"
    """A first start, in an empty directory."""
    START = "start"
    """A start on what the last kill left."""
    TRADE = "trade"
    """Bots trade, cancel, change and close; somebody changes limits."""
    FLATTEN = "flatten"
    """The same, and everything is closed again and again."""
    LOCK = "lock"
    """The same, and the account is locked for a second, again and again."""
    KILL = "kill"
    """The same, and somebody pulls the kill switch."""
    CONTROL = "control"
    """The same, and somebody pulls it by the control door."""
    RELOAD = "reload"
    """The same, and the file of settings is changed."""
    LOCKED = "locked"
    """The same, and another program holds the journal: cancels and exits go to the spool."""
    HEALING = "healing"
    """The same, and then it lets go of it."""
    SPOOLED = "spooled"
    """A start on what a kill left in the spool."""
    STOP = "stop"
    """It traded, and is told to end."""


BEGINS = (Scene.FRESH, Scene.START, Scene.SPOOLED)
"""Scenes whose point is passed before anybody can trade."""
BARRED = (Scene.LOCK, Scene.KILL, Scene.CONTROL)
"""Scenes in which nothing new may be let in. In all others passes count once it trades."""


class Point(Struct, frozen=True):
    """One named point."""

    name: str
    scene: Scene
    kind: str
    """`call`, `record` or `disk`."""
    at: str
    """`module:name` of a function; the name of an event, and its key; or `file request`."""
    moment: str
    """`before` or `after`; of a record, `stepped`, `durable` or `said`."""
    most: int = 1
    """How often it is passed in one life at least."""


def _calls(scene: Scene, most: int, table: str) -> list[Point]:
    rows = [line.split() for line in table.strip().splitlines()]
    return [
        Point(f"{name}.{moment}", scene, "call", at, moment, most)
        for name, at, moments in rows
        for moment in moments.split(",")
    ]


def _records(scene: Scene, most: int, names: str, key: str = "") -> list[Point]:
    area = "record" if scene is Scene.TRADE else scene.value
    return [
        Point(f"{area}.{name}.{moment}", scene, "record", f"{name} {key}".strip(), moment, most)
        for name in names.split()
        for moment in ("stepped", "durable", "said")
    ]


def _disks(scene: Scene, most: int, table: str) -> list[Point]:
    rows = [line.split() for line in table.strip().splitlines()]
    return [
        Point(f"disk.{file}.{what}.{moment}", scene, "disk", f"{file} {what}", moment, most)
        for file, what, moments in rows
        for moment in moments.split(",")
    ]


FRESH = _calls(
    Scene.FRESH,
    1,
    """
    fresh.owner               stopline.stores.sqlite.journal:Ownership.__init__        after
    fresh.migration           stopline.stores.sqlite.journal:migrate                   before,after
    fresh.journal             stopline.stores.sqlite.journal:_connect                  after
    fresh.spool               stopline.stores.spool.file:set_aside                     before,after
    fresh.tables              stopline.bootstrap.system:open_projections               after
    fresh.paper_book          stopline.brokers.paper.file:PaperFile._create            before,after
    fresh.ballast             stopline.stores.ballast:Ballast.set_aside                before
    """,
)
START = [
    *_calls(
        Scene.START,
        1,
        """
        start.owner           stopline.stores.sqlite.journal:Ownership.__init__        after
        start.journal         stopline.stores.sqlite.journal:_connect                  after
        start.verified_end    stopline.stores.sqlite.journal:_verify_end               after
        start.spool           stopline.bootstrap.system:open_spool_of                  after
        start.snapshot        stopline.runtime.recover:load_snapshot                   after
        start.folded          stopline.runtime.recover:fold_journal                    after
        start.recovered       stopline.bootstrap.system:recover                        after
        start.tables          stopline.bootstrap.system:open_projections               after
        start.first_inputs    stopline.bootstrap.system:say_first                      before,after
        start.paper_book      stopline.brokers.paper.file:PaperFile.remembered         before,after
        start.brokers         stopline.bootstrap.brokers:Brokers.start                 before,after
        start.reconcile       stopline.runtime.reconcile:Reconciler.ask                before,after
        start.query           stopline.runtime.dispatcher:Dispatcher._reconcile        before,after
        start.tasks           stopline.bootstrap.system:System._run_tasks              before,after
        start.control_door    stopline.doors.control.door:ControlDoor.open             before,after
        start.door            stopline.doors.native.serve:Serving.open                 before,after
        start.noted           stopline.bootstrap.process:note_run                      after
        """,
    ),
    *_records(Scene.START, 1, "EngineStarted BrokerStatusChanged AccountProven"),
]
TRADE = [
    *_records(
        Scene.TRADE,
        12,
        "OrderApproved OrderDenied OrderWorking OrderFilled CancelRequested OrderCanceled LimitsChanged",
    ),
    *_records(Scene.TRADE, 4, "ReplaceApproved OrderReplaced OrderHeld OrderReleased"),
    *_calls(
        Scene.TRADE,
        12,
        """
        door.order_read       stopline.doors.native.submit:_order_of                   after
        door.answer           stopline.doors.native.respond:_when_decided              before,after
        journal.commit        stopline.stores.sqlite.writer:Writer._commit             before,after
        journal.begun         stopline.stores.sqlite.writer:Writer._expect_no_other_writer   after
        journal.rows_written  stopline.stores.sqlite.writer:Writer._keep_epochs        after
        journal.settle        stopline.stores.sqlite.writer:_settle                    before
        journal.publish       stopline.runtime.publish:Publisher.publish               before,after
        dispatch.place        stopline.runtime.dispatcher:Dispatcher._place            before,after
        dispatch.cancel       stopline.runtime.dispatcher:Dispatcher._cancel           before,after
        dispatch.replace      stopline.runtime.dispatcher:Dispatcher._replace          before,after
        broker.place          stopline.brokers.paper.broker:PaperBroker.place          before,after
        broker.cancel         stopline.brokers.paper.broker:PaperBroker.cancel         before,after
        broker.replace        stopline.brokers.paper.broker:PaperBroker.replace        before,after
        broker.quote          stopline.brokers.paper.broker:PaperBroker.deliver        before,after
        broker.commit         stopline.brokers.paper.file:PaperFile.commit             before,after
        broker.written        stopline.brokers.paper.outbox:Outbox._write              after
        tables.apply          stopline.stores.sqlite.projections:SqliteProjections.apply            before,after
        tables.checkpoint     stopline.stores.sqlite.projections:SqliteProjections._keep_checkpoint before
        """,
    ),
    *_disks(
        Scene.TRADE,
        12,
        """
        journal.db-wal        write   before,after
        journal.db-wal        sync    before,after
        paper.db-wal          write   before
        paper.db-wal          sync    before,after
        """,
    ),
    *_calls(
        Scene.TRADE,
        1,
        """
        journal.anchor        stopline.stores.sqlite.writer:write_anchor               before,after
        file.not_renamed      stopline.stores.sqlite.layout:write_private              after
        """,
    ),
]
ACTS = [
    *_records(Scene.FLATTEN, 2, "ObligationOpened ObligationClosed"),
    *_records(Scene.LOCK, 1, "RestrictionPlaced RestrictionLifted", "lock:self"),
    *_records(Scene.LOCK, 1, "TimerSet"),
    *_records(Scene.KILL, 1, "RestrictionPlaced", "kill"),
    *_calls(
        Scene.CONTROL,
        1,
        """
        control.answer        stopline.doors.control.door:ControlDoor._answer          before,after
        """,
    ),
    *_calls(
        Scene.RELOAD,
        1,
        """
        reload.apply          stopline.runtime.reload:Reloader._apply                  before,after
        """,
    ),
]
SPOOL = [
    *_calls(
        Scene.LOCKED,
        2,
        """
        spool.append          stopline.stores.spool.file:FileSpool.append              before,after
        spool.write           stopline.stores.spool.file:FileSpool._write              before
        spool.sync            stopline.stores.spool.file:sync                          before,after
        """,
    ),
    *_calls(
        Scene.LOCKED,
        1,
        """
        store.refused         stopline.runtime.commit:Committer._refuse                before,after
        """,
    ),
    *_calls(
        Scene.HEALING,
        1,
        """
        store.healed          stopline.runtime.commit:Committer._return_to_journal     before,after
        spool.clear           stopline.stores.spool.file:FileSpool.clear               before,after
        """,
    ),
    *_calls(
        Scene.SPOOLED,
        1,
        """
        merge                 stopline.bootstrap.system:merge_spool                    before,after
        merge.appended        stopline.stores.spool.file:FileSpool.clear               before
        """,
    ),
]
STOP = [
    *_calls(
        Scene.STOP,
        1,
        """
        stop.door             stopline.doors.native.serve:Serving.close                before,after
        stop.drain            stopline.bootstrap.system:System._drain                  before,after
        stop.brokers          stopline.bootstrap.brokers:Brokers.close                 before,after
        stop.dispatcher       stopline.runtime.dispatcher:Dispatcher.close             after
        stop.loop             stopline.runtime.loop:Loop.stop                          after
        stop.snapshot_folded  stopline.runtime.snapshots:Snapshots._fold               after
        stop.snapshot_file    stopline.stores.sqlite.snapshots:write_atomically        before,after
        stop.tables           stopline.runtime.follow:Follower.close                   after
        stop.spool            stopline.stores.spool.file:FileSpool.close               after
        stop.checkpoint       stopline.stores.sqlite.writer:Writer._checkpoint         before,after
        stop.journal          stopline.stores.sqlite.writer:Writer._finish             before,after
        stop.owner            stopline.stores.sqlite.journal:Ownership.release         before,after
        """,
    ),
    *_disks(
        Scene.STOP,
        1,
        """
        journal.db            write   before,after
        journal.db            sync    before,after
        """,
    ),
]
POINTS: dict[str, Point] = {point.name: point for point in (*FRESH, *START, *TRADE, *ACTS, *SPOOL, *STOP)}
