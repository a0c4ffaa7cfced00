/// Why a clip could not be read. `file` is always the path as given, or below it.
public enum MediaError: Error, Sendable, Equatable {
  // What lies at the path.

  /// Nothing exists at this path.
  case notFound(file: String)
  /// It exists, but the system refuses to read it; `reason` is the system's own words.
  case unreadable(file: String, reason: String)
  /// A device, a pipe or a directory where a regular file was expected.
  case notRegularFile(file: String)
  /// A directory that has no `clip.toml`, so it is no clip.
  case manifestMissing(directory: String)
  /// The address of something that is not on this machine.
  case remoteAddress(String)
  /// A file of no bytes at all.
  case emptyFile(file: String)
  /// Larger than what is read of such a file.
  case fileTooLarge(file: String, bytes: Int, limit: Int)
  /// The frames kept would need more memory than the limit, both in bytes; `frame` counts from 0.
  case framesTooLarge(file: String, frame: Int, bytes: Int, limit: Int)

  // clip.toml

  /// Not valid TOML, at this line and column, both from 1; `reason` is the parser's own words.
  case manifestSyntax(file: String, line: Int, column: Int, reason: String)
  /// The value of `key` (such as `preprocess.min_pixels` or `choices[1]`) has another type.
  case manifestType(file: String, key: String, expected: String, found: String)
  /// The value of `key` has the right type but makes no sense.
  case manifestValue(file: String, key: String, expected: String, found: String)
  /// Settings of the clip, or those in force for it, that cannot be used.
  case input(file: String, InputFault)
  /// More frames asked for, evenly spaced, than the video has.
  case tooFewFrames(file: String, asked: Int, present: Int)
  /// No video, no sound, no image and no question, neither in the clip nor asked.
  case emptyClip(file: String)

  // Pictures and sound

  /// `frame` counts from 0, `offset` from the first byte of the file or stream.
  case picture(file: String, frame: Int, offset: Int, PictureFault)
  /// `offset` counts from the first byte of the file or stream.
  case sound(file: String, offset: Int, SoundFault)

  // Media files through ffmpeg

  /// `tool` (`ffmpeg` or `ffprobe`) is in no directory of `PATH`.
  case ffmpegMissing(tool: String)
  /// The tool is there but could not be started.
  case ffmpegNotStarted(tool: String, reason: String)
  /// A playlist, a page or the like, recognised by its first bytes.
  case notAMedium(file: String, NotMediaKind)
  /// ffmpeg knows the format, but it is none of those that hold pictures or sound themselves.
  case formatNotRead(file: String)
  /// The file ends at byte `present`, in the middle of a part that goes on to byte `claimed`.
  case cutShort(file: String, claimed: Int, present: Int)
  /// A picture or video of more pixels than are decoded.
  case pictureTooLarge(file: String, width: Int, height: Int, pixelLimit: Int)
  /// A sound stream of which not a single sample can be decoded.
  case noSamples(file: String)
  /// `ffprobe` does not recognise the file; `complaint` is its telling line, possibly empty.
  case notMedia(file: String, complaint: String)
  /// A media file with neither pictures nor sound.
  case noStreams(file: String)
  /// A video of which not even the frame rate is known.
  case noFrameRate(file: String)
  /// `ffprobe` answered in a form that is not understood.
  case unexpectedProbe(file: String, found: String)
  /// The tool ended badly; `complaint` is its telling line, possibly empty.
  case ffmpegFailed(tool: String, file: String, ending: ToolEnding, complaint: String)
  /// The tool said nothing for this many seconds and was stopped.
  case ffmpegStalled(tool: String, file: String, seconds: Double)
  /// The task was cancelled; whatever was running has been stopped.
  case cancelled(file: String)
}

/// How a tool ended.
public enum ToolEnding: Sendable, Equatable {
  case exit(Int)
  case signal(Int)
}

/// What is wrong with a PPM picture.
public enum PictureFault: Error, Sendable, Equatable {
  /// The frame does not begin with `P6`; this byte stands where it should.
  case notP6(found: UInt8)
  /// A byte that is neither digit, white space nor comment while reading `field` of the header.
  case badHeader(field: String, found: UInt8)
  /// The file ends inside the header, while reading `field`.
  case headerCutShort(field: String)
  /// A width or height of zero.
  case emptySize(width: Int, height: Int)
  /// More pixels than are decoded, or a width or height beyond all reason.
  case tooLarge(width: Int, height: Int, pixelLimit: Int)
  /// Only 255 is supported.
  case maximumNot255(found: Int)
  /// The pixels claimed by the header, and those present, in bytes.
  case pixelsCutShort(expected: Int, present: Int)
  /// All frames have the size of the first.
  case sizeChanged(expectedWidth: Int, expectedHeight: Int, width: Int, height: Int)
  /// The file holds no frame at all.
  case noFrames
  /// A still image is exactly one frame; here a second one begins.
  case moreThanOneFrame
}

/// What is wrong with a WAV file.
public enum SoundFault: Error, Sendable, Equatable {
  /// Not `RIFF` … `WAVE`; `found` shows what stands there instead.
  case notWAVE(expected: String, found: String)
  /// A chunk says it has `claimed` bytes, but only `present` are left.
  case chunkCutShort(chunk: String, claimed: Int, present: Int)
  /// The `fmt ` chunk has fewer bytes than its encoding needs.
  case formatTooShort(needed: Int, present: Int)
  /// There is no such chunk (`fmt ` or `data`).
  case chunkMissing(chunk: String)
  /// A second `fmt ` or `data` chunk.
  case chunkRepeated(chunk: String)
  /// Neither 16-bit PCM nor 32-bit float; `tag` is the format tag (the subformat's, if extensible).
  case unsupportedEncoding(tag: Int, bitsPerSample: Int)
  /// Only 16 000 Hz is read.
  case sampleRate(expected: Int, found: Int)
  /// Only one channel is read.
  case channels(expected: Int, found: Int)
  /// The header contradicts itself: bytes per sample as computed and as claimed.
  case blockAlign(expected: Int, found: Int)
  /// The data is not a whole number of samples.
  case partialSample(bytes: Int, bytesPerSample: Int)
  /// The data chunk is empty.
  case noSamples
  /// A sample is infinite or not a number; `index` counts from 0.
  case notFinite(index: Int)
}
