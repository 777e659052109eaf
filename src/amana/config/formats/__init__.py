"""Forms of dates for the languages whose usual ones put the month first, or mix both orders on one page."""
