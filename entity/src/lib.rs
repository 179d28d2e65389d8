//! SeaORM entities, typed ids and tenant-first selects.
