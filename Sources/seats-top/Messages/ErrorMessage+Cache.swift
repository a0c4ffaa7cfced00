import OmniModel

extension ErrorMessage {
  static func about(_ event: LoadingEvent) -> String {
    switch event {
    case .cache(let event): about(event)
    case .encodings(.discarded(let path, let reason)):
      "Encoder outputs in \(path) are damaged (\(reason)): the file is removed, and the encoder runs "
        + "again."
    case .encodings(.unkept(let path, let reason)):
      "Encoder outputs cannot be stored in \(path) (\(reason)): the encoders run again next time; "
        + "--no-cache does not try."
    case .streamed(let plan): about(plan)
    case .engineLine(let line): "engine: \(line)"
    case .progress(let progress): "\(progress.words): \(progress.figures)"
    }
  }

  private static func about(_ event: PackedCacheEvent) -> String {
    switch event {
    case .packing(let path, let bytes):
      "Packing the weights once: about \(size(bytes)) are written to \(path), "
        + "which 'seats-top cache clear' removes."
    case .unused(let fault):
      "\(cause(fault)): they are packed into memory for this run, as with --no-cache."
    case .unlocked(let path, let reason):
      "\(path) cannot be locked (\(reason)): programs that start at the same time pack the same "
        + "weights twice."
    case .discarded(let fault):
      "\(cause(fault)): they are packed again."
    }
  }

  private static func cause(_ fault: PackedCacheFault) -> String {
    switch fault {
    case .unwritable(let path, let reason):
      "Packed weights cannot be written to \(path) (\(reason))"
    case .noRoom(let path, let required, let available):
      "Packed weights would take \(size(required)) for \(path), more than half of the "
        + "\(size(available)) that are free"
    case .unreadable(let path, let reason): "Packed weights in \(path) cannot be read (\(reason))"
    case .damaged(let path, let reason): "Packed weights in \(path) are damaged (\(reason))"
    case .busy(let path):
      "Another process that packs the weights into \(path) makes no progress"
    }
  }
}
