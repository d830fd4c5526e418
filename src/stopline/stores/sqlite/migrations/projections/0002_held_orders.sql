-- Orders that Stopline holds: who looks after them, what they wait for, what hangs on what.
-- `condition` and `legs` are JSON. `asked_qty` is given where less than that is at the broker.
ALTER TABLE orders ADD COLUMN handling TEXT NOT NULL DEFAULT 'native';
ALTER TABLE orders ADD COLUMN held_for TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN waits_for TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN sent_as TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN asked_qty TEXT;
ALTER TABLE orders ADD COLUMN condition TEXT;
ALTER TABLE orders ADD COLUMN legs TEXT NOT NULL DEFAULT '[]';
ALTER TABLE orders ADD COLUMN parent TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN leg TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN hold TEXT;
ALTER TABLE orders ADD COLUMN sent_type TEXT;
ALTER TABLE orders ADD COLUMN wanted_qty TEXT NOT NULL DEFAULT '0';
ALTER TABLE orders ADD COLUMN is_resting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN is_recalled INTEGER NOT NULL DEFAULT 0;

-- Under which id the broker knew it: a released order gets a new one each time.
ALTER TABLE order_history ADD COLUMN routed_order_id TEXT NOT NULL DEFAULT '';
CREATE INDEX order_history_by_routed_id ON order_history (routed_order_id, id);
