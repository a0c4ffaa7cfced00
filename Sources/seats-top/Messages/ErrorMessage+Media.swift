import Media

extension ErrorMessage {
  static func about(_ error: MediaError) -> String {
    switch error {
    case .notFound(let file):
      "There is no clip at \(file): give a clip directory or a media file."
    case .unreadable(let file, let reason):
      "\(file) cannot be read (\(reason)): check its permissions."
    case .notRegularFile(let file):
      "\(file) is neither a file nor a clip directory: give one of those."
    case .manifestMissing(let directory):
      "\(directory) has no clip.toml: a clip directory needs one, even an empty one."
    case .fileTooLarge(let file, let bytes, let limit):
      "\(file) has \(bytes) bytes, more than the limit of \(limit): shorten it."
    case .framesTooLarge(let file, let frame, let bytes, let limit):
      "The frames of \(file) up to number \(frame + 1) take \(gigabytes(bytes)), "
        + "more than the limit of \(gigabytes(limit)): use fewer or smaller frames."
    case .manifestSyntax(let file, let line, let column, let reason):
      "\(file):\(line):\(column) is not valid TOML (\(reason)): correct that line."
    case .manifestType(let file, let key, let expected, let found):
      "In \(file), \(key) must be \(expected), not \(found): correct it."
    case .manifestValue(let file, let key, let expected, let found):
      "In \(file), \(key) must be \(expected), not \(found): correct it."
    case .input(let file, let fault):
      "The settings for \(file) are invalid (\(fault.words)): correct them."
    case .tooFewFrames(let file, let asked, let present):
      "\(file) has \(present) frames, fewer than the \(asked) requested: "
        + (present < 2 ? "leave --frames out." : "use --frames 2 to \(present / 2 * 2).")
    case .emptyClip(let file):
      "\(file) has no video, audio, image or question: add one, or use --question."
    case .picture(let file, let frame, let offset, let fault) where file.hasSuffix(".ppm"):
      "In \(file), frame \(frame + 1) at byte \(offset) \(about(fault)): "
        + "write binary P6 frames of one size."
    case .picture(let file, let frame, _, let fault):
      "Frame \(frame + 1) of \(file), as ffmpeg decodes it, \(about(fault)): "
        + "check that the file plays."
    case .sound(let file, let offset, let fault):
      "In \(file) at byte \(offset), \(about(fault)): "
        + "convert it with ffmpeg -i INPUT -ac 1 -ar 16000 audio.wav."
    case .remoteAddress(let address):
      "\(address) is a URL, and only local files are supported: download it and give its path."
    case .engineFile(let file, .noEngine):
      "\(file) is a file of an engine, and the model runs in this process: use --engine, or give "
        + "the path of a local file."
    case .engineFile(let file, .otherHost(let host)):
      "\(file) is a file of \(host), which the command of --engine does not name: write engine:"
        + "\(file.dropFirst(host.count + 1)) for a file that the engine can read."
    case .engineFile(let file, .failed(let reason)):
      "\(file) could not be copied from the engine (\(withoutStop(printable(reason)))): check the path."
    case .emptyFile(let file):
      "\(file) is empty: use another file, or download it again."
    case .ffmpegMissing(let tool):
      "Media files need \(tool), which is not on PATH: "
        + "install it with sudo apt-get install ffmpeg."
    case .ffmpegNotStarted(let tool, let reason):
      "\(tool) could not be started (\(reason)): check its installation."
    case .notAMedium(let file, let kind) where kind.isList:
      "\(file) is \(name(kind)), which only refers to other files: "
        + "give the video, audio or image file itself."
    case .notAMedium(let file, let kind):
      "\(file) is \(name(kind)), not a video, audio or image file: use another file."
    case .formatNotRead(let file):
      "\(file) has an unsupported format, which may refer to other files or draw text: "
        + "convert it to MP4, WAV or PNG."
    case .truncated(let file, let claimed, let present):
      "\(file) is truncated: it has \(present) of at least \(claimed) bytes: "
        + "copy or download it again."
    case .pictureTooLarge(let file, let width, let height, let limit):
      "\(file) is \(width)×\(height) pixels, more than the limit of \(limit) in all: "
        + "make it smaller."
    case .noSamples(let file):
      "\(file) has an audio stream without decodable samples, and no video: "
        + "use another file."
    case .notMedia(let file, let message):
      "\(file) is not a media file that ffmpeg knows\(quoted(message)): use another file."
    case .noStreams(let file):
      "\(file) has neither video nor audio: use another file."
    case .noFrameRate(let file):
      "The frame rate of \(file) is unknown: re-encode it with ffmpeg -i INPUT -r 25 OUTPUT.mp4."
    case .unexpectedProbe(let file, let found):
      "Unexpected output of ffprobe for \(file)\(quoted(found)): update ffmpeg."
    case .ffmpegFailed(let tool, let file, let ending, let message):
      "\(tool) could not decode \(file) (\(about(ending)))\(quoted(message)): "
        + "check that the file plays."
    case .ffmpegStalled(let tool, let file, let seconds):
      "\(tool) gave no output for \(file) for \(Int(seconds)) s and was killed: "
        + "check that the file plays."
    case .cancelled(let file): "Reading \(file) was cancelled."
    }
  }

  private static func name(_ kind: NotMediaKind) -> String {
    switch kind {
    case .hlsPlaylist: "an HLS playlist"
    case .m3uPlaylist: "an M3U playlist"
    case .dashManifest: "a DASH manifest"
    case .concatList: "a list for ffmpeg to concatenate"
    case .sessionDescription: "an SDP session description"
    case .plsPlaylist: "a PLS playlist"
    case .asxPlaylist: "an ASX playlist"
    case .smilPresentation: "a SMIL presentation"
    case .xspfPlaylist: "an XSPF playlist"
    case .wplPlaylist: "a WPL playlist"
    case .cueSheet: "a CUE sheet"
    case .rtspReference: "a reference to a stream"
    case .imfPlaylist: "an IMF playlist"
    case .svgDrawing: "an SVG drawing"
    case .webPage: "a web page (HTML)"
    case .lfsPointer: "a Git LFS pointer"
    }
  }

  private static func quoted(_ message: String) -> String {
    message.isEmpty ? "" : " (\(message))"
  }

  private static func about(_ ending: ToolEnding) -> String {
    switch ending {
    case .exit(let code): "exit code \(code)"
    case .signal(let number): "signal \(number)"
    }
  }

  private static func about(_ fault: PictureFault) -> String {
    switch fault {
    case .notP6(let found): "begins with byte \(found) instead of P6"
    case .badHeader(let field, let found): "has byte \(found) where its \(field) should be"
    case .headerTruncated(let field): "ends before its \(field)"
    case .emptySize(let width, let height): "is \(width)×\(height) pixels, which is empty"
    case .tooLarge(let width, let height, let limit):
      "is \(width)×\(height) pixels, more than the limit of \(limit)"
    case .maximumNot255(let found): "has the maximum \(found) instead of 255"
    case .pixelsTruncated(let expected, let present):
      "needs \(expected) bytes of pixels but has \(present)"
    case .sizeChanged(let expectedWidth, let expectedHeight, let width, let height):
      "is \(width)×\(height) pixels after frames of \(expectedWidth)×\(expectedHeight)"
    case .noFrames: "is missing: the file has no frames"
    case .moreThanOneFrame: "follows the only frame that an image may have"
    }
  }

  private static func about(_ fault: SoundFault) -> String {
    switch fault {
    case .notWAVE(let expected, let found): "\(expected) is expected, but found \(found)"
    case .chunkTruncated(let chunk, let claimed, let present):
      "chunk \(chunk) should have \(claimed) bytes but has \(present)"
    case .formatTooShort(let needed, let present):
      "the format chunk needs \(needed) bytes but has \(present)"
    case .chunkMissing(let chunk): "chunk \(chunk) is missing"
    case .chunkRepeated(let chunk): "chunk \(chunk) appears twice"
    case .unsupportedEncoding(let tag, let bits):
      "the encoding (tag \(tag), \(bits) bits) is neither 16-bit PCM nor 32-bit float"
    case .sampleRate(let expected, let found): "the rate is \(found) Hz instead of \(expected)"
    case .channels(let expected, let found): "\(found) channels instead of \(expected)"
    case .blockAlign(let expected, let found):
      "the header states \(found) bytes per sample instead of \(expected)"
    case .partialSample(let bytes, let size):
      "\(bytes) bytes of data are not a whole number of samples of \(size)"
    case .noSamples: "the data is empty"
    case .notFinite(let index): "sample \(index) is not a finite number"
    }
  }
}
