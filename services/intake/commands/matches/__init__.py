"""Two records may be of one person: proposed to who holds the found person's record, released, confirmed; or not."""
