"""State and events -> what people and programs see: records with exact decimal text, and no decisions."""
