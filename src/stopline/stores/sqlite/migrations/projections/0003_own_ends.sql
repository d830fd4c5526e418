-- How an order ends by a term of its own. Seconds are exact decimal text.
ALTER TABLE orders ADD COLUMN cancel_after_s TEXT;
ALTER TABLE orders ADD COLUMN on_partial_fill TEXT NOT NULL DEFAULT 'keep';
ALTER TABLE orders ADD COLUMN partial_timeout_s TEXT;
