/// Errors of reading a clip. `file` is the path as given, or below it.
public enum MediaError: Error, Sendable, Equatable {
  // The path

  /// Nothing exists at this path.
  case notFound(file: String)
  /// Not readable; `reason` is the system's message.
  case unreadable(file: String, reason: String)
  /// A device, a pipe or a directory where a regular file was expected.
  case notRegularFile(file: String)
  /// A directory without `clip.toml`.
  case manifestMissing(directory: String)
  /// A URL other than `file://`.
  case remoteAddress(String)
  /// An empty file.
  case emptyFile(file: String)
  /// Larger than the size limit, in bytes.
  case fileTooLarge(file: String, bytes: Int, limit: Int)
  /// The frames would take more memory than the limit, both in bytes; `frame` counts from 0.
  case framesTooLarge(file: String, frame: Int, bytes: Int, limit: Int)

  // clip.toml

  /// Not valid TOML, at this line and column, both from 1; `reason` is the parser's message.
  case manifestSyntax(file: String, line: Int, column: Int, reason: String)
  /// The value of `key` (such as `preprocess.min_pixels` or `choices[1]`) has another type.
  case manifestType(file: String, key: String, expected: String, found: String)
  /// The value of `key` is invalid.
  case manifestValue(file: String, key: String, expected: String, found: String)
  /// Invalid settings of the clip, or for it.
  case input(file: String, InputFault)
  /// More frames requested than the video has.
  case tooFewFrames(file: String, asked: Int, present: Int)
  /// Neither video, audio, image nor question.
  case emptyClip(file: String)

  // Pictures and sound

  /// `frame` counts from 0, `offset` from the first byte of the file or stream.
  case picture(file: String, frame: Int, offset: Int, PictureFault)
  /// `offset` counts from the first byte of the file or stream.
  case sound(file: String, offset: Int, SoundFault)

  // Media files through ffmpeg

  /// `tool` (`ffmpeg` or `ffprobe`) is not on `PATH`.
  case ffmpegMissing(tool: String)
  /// The tool exists but could not be started.
  case ffmpegNotStarted(tool: String, reason: String)
  /// A playlist, a web page or similar, recognised by its first bytes.
  case notAMedium(file: String, NotMediaKind)
  /// ffmpeg knows the format, but it does not hold its media itself.
  case formatNotRead(file: String)
  /// The file ends at byte `present`, within a part that should end at byte `claimed`.
  case truncated(file: String, claimed: Int, present: Int)
  /// A picture or video above the pixel limit.
  case pictureTooLarge(file: String, width: Int, height: Int, pixelLimit: Int)
  /// An audio stream without a decodable sample.
  case noSamples(file: String)
  /// `ffprobe` does not recognise the file; `message` is its error line, possibly empty.
  case notMedia(file: String, message: String)
  /// A media file with neither video nor audio.
  case noStreams(file: String)
  /// A video without a valid frame rate.
  case noFrameRate(file: String)
  /// Unexpected output of `ffprobe`.
  case unexpectedProbe(file: String, found: String)
  /// The tool failed; `message` is its error line, possibly empty.
  case ffmpegFailed(tool: String, file: String, ending: ToolEnding, message: String)
  /// The tool gave no output for this many seconds and was killed.
  case ffmpegStalled(tool: String, file: String, seconds: Double)
  /// The task was cancelled and the tool killed.
  case cancelled(file: String)
}

/// How a tool ended.
public enum ToolEnding: Sendable, Equatable {
  case exit(Int)
  case signal(Int)
}

/// A fault in a PPM picture.
public enum PictureFault: Error, Sendable, Equatable {
  /// The frame does not begin with `P6`, but with this byte.
  case notP6(found: UInt8)
  /// An invalid byte in `field` of the header.
  case badHeader(field: String, found: UInt8)
  /// The file ends inside the header, while reading `field`.
  case headerTruncated(field: String)
  /// A width or height of zero.
  case emptySize(width: Int, height: Int)
  /// Above the pixel limit, or an extreme width or height.
  case tooLarge(width: Int, height: Int, pixelLimit: Int)
  /// Only 255 is supported.
  case maximumNot255(found: Int)
  /// The pixels claimed by the header, and those present, in bytes.
  case pixelsTruncated(expected: Int, present: Int)
  /// A frame with another size than the first.
  case sizeChanged(expectedWidth: Int, expectedHeight: Int, width: Int, height: Int)
  /// A file without frames.
  case noFrames
  /// A second frame in a still image.
  case moreThanOneFrame
}

/// A fault in a WAV file.
public enum SoundFault: Error, Sendable, Equatable {
  /// Not `RIFF` … `WAVE` but `found`.
  case notWAVE(expected: String, found: String)
  /// A chunk of `claimed` bytes, of which only `present` exist.
  case chunkTruncated(chunk: String, claimed: Int, present: Int)
  /// The `fmt ` chunk has fewer bytes than its encoding needs.
  case formatTooShort(needed: Int, present: Int)
  /// No `fmt ` or `data` chunk.
  case chunkMissing(chunk: String)
  /// A second `fmt ` or `data` chunk.
  case chunkRepeated(chunk: String)
  /// Neither 16-bit PCM nor 32-bit float; `tag` is the format tag (the subformat's, if extensible).
  case unsupportedEncoding(tag: Int, bitsPerSample: Int)
  /// Not 16 000 Hz.
  case sampleRate(expected: Int, found: Int)
  /// More than one channel.
  case channels(expected: Int, found: Int)
  /// Contradictory bytes per sample: computed and stated.
  case blockAlign(expected: Int, found: Int)
  /// Not a whole number of samples.
  case partialSample(bytes: Int, bytesPerSample: Int)
  /// The data chunk is empty.
  case noSamples
  /// A sample that is infinite or NaN; `index` counts from 0.
  case notFinite(index: Int)
}
