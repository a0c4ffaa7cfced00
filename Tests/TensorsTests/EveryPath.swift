import Tensors

/// Runs `body` with the kernels of every instruction set that the processor has.
func onEveryPath(_ body: () throws -> Void) rethrows {
  defer { ProductPath.limit(.dot) }
  for path in ProductPath.available {
    ProductPath.limit(path)
    try body()
  }
}
