"""What is kept: tables, statements, engines and the one writer. No rules, no vendors."""
