//! A local Instagram with a clock to move and faults to order.
