-- A delivery that empties staging has no file that is released, so the build would not even begin.
truncate intermediate.int_people__comparable;
