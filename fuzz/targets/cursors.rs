#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| vitrine_core::fuzzing::cursors(input));
