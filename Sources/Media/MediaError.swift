/// Errors of reading a clip. `file` is the path as given by the user, or a path below it.
public enum MediaError: Error, Sendable, Equatable {
  // The path

  /// Nothing exists at this path.
  case notFound(file: String)
  /// The file cannot be read; `reason` is the system's message.
  case unreadable(file: String, reason: String)
  /// A device, pipe or directory where a regular file is expected.
  case notRegularFile(file: String)
  /// A directory without the file `clip.toml`.
  case manifestMissing(directory: String)
  /// A URL that is not `file://`.
  case remoteAddress(String)
  /// A file of an engine's side that could not be copied.
  case engineFile(file: String, EngineFileFault)
  /// The file is empty.
  case emptyFile(file: String)
  /// The file exceeds the size limit, in bytes.
  case fileTooLarge(file: String, bytes: Int, limit: Int)
  /// The frames exceed the memory limit, both in bytes; `frame` counts from 0.
  case framesTooLarge(file: String, frame: Int, bytes: Int, limit: Int)

  // clip.toml

  /// `clip.toml` is not valid TOML at this line and column, both from 1; `reason` is the parser's
  /// message.
  case manifestSyntax(file: String, line: Int, column: Int, reason: String)
  /// The value of `key` in `clip.toml` (such as `preprocess.min_pixels` or `choices[1]`) has the
  /// wrong type.
  case manifestType(file: String, key: String, expected: String, found: String)
  /// The value of `key` in `clip.toml` is invalid.
  case manifestValue(file: String, key: String, expected: String, found: String)
  /// The input settings in a clip, or those for it, are invalid.
  case input(file: String, InputFault)
  /// More frames are requested than the video has.
  case tooFewFrames(file: String, asked: Int, present: Int)
  /// The clip has neither video, audio, image nor question.
  case emptyClip(file: String)

  // Pictures and sound

  /// An invalid PPM picture. `frame` counts from 0; `offset` counts bytes from the start of the
  /// file or stream.
  case picture(file: String, frame: Int, offset: Int, PictureFault)
  /// An invalid WAV file. `offset` counts bytes from the start of the file or stream.
  case sound(file: String, offset: Int, SoundFault)

  // Media files through ffmpeg

  /// A tool (`ffmpeg` or `ffprobe`) is not found on `PATH`.
  case ffmpegMissing(tool: String)
  /// The tool exists but could not be started.
  case ffmpegNotStarted(tool: String, reason: String)
  /// The file is a playlist, a web page or similar, recognised by its first bytes.
  case notAMedium(file: String, NotMediaKind)
  /// ffmpeg can read the format, but it refers to other files and is therefore not accepted.
  case formatNotRead(file: String)
  /// The file is truncated: it ends at byte `present`, inside a part that should end at byte
  /// `claimed`.
  case truncated(file: String, claimed: Int, present: Int)
  /// A picture or video exceeds the pixel limit.
  case pictureTooLarge(file: String, width: Int, height: Int, pixelLimit: Int)
  /// An audio stream without any decodable sample.
  case noSamples(file: String)
  /// `ffprobe` does not recognise the file; `message` is its error line, possibly empty.
  case notMedia(file: String, message: String)
  /// A media file with neither video nor audio.
  case noStreams(file: String)
  /// A video without a valid frame rate.
  case noFrameRate(file: String)
  /// The output of `ffprobe` could not be parsed.
  case unexpectedProbe(file: String, found: String)
  /// The tool failed; `message` is its error line, possibly empty.
  case ffmpegFailed(tool: String, file: String, ending: ToolEnding, message: String)
  /// The tool gave no output for this number of seconds and was killed.
  case ffmpegStalled(tool: String, file: String, seconds: Double)
  /// The task was cancelled and the tool was killed.
  case cancelled(file: String)
}

/// How a tool process ended.
public enum ToolEnding: Sendable, Equatable {
  case exit(Int)
  case signal(Int)
}

/// An error in a PPM picture.
public enum PictureFault: Error, Sendable, Equatable {
  /// The frame does not begin with `P6`, but with the byte `found`.
  case notP6(found: UInt8)
  /// The header has an invalid byte in `field`.
  case badHeader(field: String, found: UInt8)
  /// The file ends inside the header, in `field`.
  case headerTruncated(field: String)
  /// The picture has a width or height of zero.
  case emptySize(width: Int, height: Int)
  /// The picture exceeds the pixel limit, or has an extreme width or height.
  case tooLarge(width: Int, height: Int, pixelLimit: Int)
  /// The maximum colour value in the header is not 255, the only supported one.
  case maximumNot255(found: Int)
  /// The pixel data is truncated: bytes that the header requires, and bytes present.
  case pixelsTruncated(expected: Int, present: Int)
  /// A frame whose size differs from that of the first frame.
  case sizeChanged(expectedWidth: Int, expectedHeight: Int, width: Int, height: Int)
  /// The file contains no frames.
  case noFrames
  /// A still image with a second frame.
  case moreThanOneFrame
}

/// An error in a WAV file.
public enum SoundFault: Error, Sendable, Equatable {
  /// The file does not start with `RIFF` … `WAVE`, but with `found`.
  case notWAVE(expected: String, found: String)
  /// A chunk is truncated: it states `claimed` bytes, but only `present` exist.
  case chunkTruncated(chunk: String, claimed: Int, present: Int)
  /// The `fmt ` chunk has fewer bytes than its encoding needs.
  case formatTooShort(needed: Int, present: Int)
  /// The file has no `fmt ` or no `data` chunk.
  case chunkMissing(chunk: String)
  /// The file has a second `fmt ` or `data` chunk.
  case chunkRepeated(chunk: String)
  /// The encoding is neither 16-bit PCM nor 32-bit float; `tag` is the format tag (of the
  /// subformat, if extensible).
  case unsupportedEncoding(tag: Int, bitsPerSample: Int)
  /// The sample rate is not 16 000 Hz.
  case sampleRate(expected: Int, found: Int)
  /// The file has more than one channel.
  case channels(expected: Int, found: Int)
  /// The bytes per sample that the file states contradict its encoding.
  case blockAlign(expected: Int, found: Int)
  /// The data chunk does not contain a whole number of samples.
  case partialSample(bytes: Int, bytesPerSample: Int)
  /// The data chunk is empty.
  case noSamples
  /// A sample is infinite or NaN; `index` counts from 0.
  case notFinite(index: Int)
}

/// Why a file of an engine's side could not be copied.
public enum EngineFileFault: Sendable, Equatable {
  /// The model is in this process.
  case noEngine
  /// The engine's command does not name the computer.
  case otherHost(String)
  case failed(reason: String)
}
