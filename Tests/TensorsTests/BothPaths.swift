import CKernels

/// Runs `body` with the portable kernels, and with those of an instruction where the processor has it.
func onBothPaths(_ instruction: kernel_instruction, _ body: () throws -> Void) rethrows {
  for portable in [true, false] {
    kernel_use_portable(instruction, portable)
    try body()
  }
}
