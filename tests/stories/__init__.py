"""Stories: one behaviour a file, played by the rehearsal on its virtual clock."""
