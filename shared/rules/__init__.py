"""Rule packs, their typed reader and the working calendar."""
