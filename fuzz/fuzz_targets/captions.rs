#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| goldpath_fuzz::captions(data));
