// Search, profiles, judgements and merging of entities.
