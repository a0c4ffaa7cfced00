import Foundation
import TestSupport

@testable import Basics
@testable import Media

extension Reader {
  static let mediaReaders = [toml, manifest, picture, pictureStream, sound, probe, frameLines]

  /// Any TOML: what themes, manifests and configuration share.
  private static let toml = Reader(
    name: "toml", seeds: Seed.manifests + Seed.themes + [Seed.everyTOML],
    bound: AllocationBound(fixed: 1 << 20, perByte: 250)
  ) { bytes in
    guard let document = try? TOMLDocument(bytes) else { return }
    for (key, value) in document.root { _ = (value.type, document.line(of: key)) }
  }

  private static let manifest = Reader(
    name: "clip", seeds: Seed.manifests,
    bound: AllocationBound(fixed: 1 << 20, perByte: 250)
  ) { bytes in
    _ = try? ClipManifest(bytes, file: "clip.toml")
  }

  /// `video.ppm` and `image.ppm`, whose length is known.
  private static let picture = Reader(
    name: "ppm", seeds: Seed.pictures,
    bound: AllocationBound(fixed: 1 << 16, perByte: 8)
  ) { bytes in
    decode(bytes, totalBytes: bytes.count)
  }

  /// What ffmpeg writes into a pipe: any length, in pieces. One picture of the limit's size may be
  /// asked for before its pixels have come.
  private static let pictureStream = Reader(
    name: "ppm-stream", seeds: Seed.pictures,
    bound: AllocationBound(fixed: MediaLimits().pixelsPerFrame * 3 + 1 << 16, perByte: 8)
  ) { bytes in
    decode(bytes, totalBytes: nil)
  }

  private static func decode(_ bytes: [UInt8], totalBytes: Int?) {
    var decoder = PPMDecoder(file: "f", totalBytes: totalBytes, limits: MediaLimits())
    let pieceLength = max(1, Int(bytes.last ?? 1))
    do {
      for start in stride(from: 0, to: bytes.count, by: pieceLength) {
        let piece = Array(bytes[start..<min(start + pieceLength, bytes.count)])
        try decoder.feed(piece.span.bytes) { (image) throws(MediaError) in
          precondition(image.pixels.count == image.width * image.height * 3)
        }
      }
      try decoder.finish()
    } catch {}
  }

  /// `audio.wav`, and what ffmpeg streams.
  private static let sound = Reader(
    name: "wav", seeds: Seed.sounds, bound: AllocationBound(fixed: 1 << 16, perByte: 16)
  ) { bytes in
    for isStreamed in [false, true] {
      guard let sound = try? WaveformFile(bytes, file: "f", isStreamed: isStreamed) else {
        continue
      }
      precondition(sound.waveform.samples.allSatisfy(\.isFinite))
      _ = AuditLine.lines(for: sound, sound.waveform)
    }
  }

  /// What ffprobe says, and what is made of it.
  private static let probe = Reader(
    name: "ffprobe", seeds: Seed.probes,
    bound: AllocationBound(fixed: 1 << 20, perByte: 120)
  ) { bytes in
    guard let probe = try? MediaProbe(parsing: bytes, file: "f") else { return }
    _ = probe.audit(bytes: 0)
    if let audio = probe.audio { _ = AudioMix(audio, probe).filter(.soxr) }
    guard let video = probe.video else { return }
    for frames in [1, 2, 150, 1_000_000] {
      let rate = FrameRate(
        stated: video.frameRate, formats: probe.format?.formatName ?? "", frames: frames,
        seconds: probe.seconds)
      guard let rate else { continue }
      _ = rate.audit(frames: frames)
      let plan = FrameSampling().plan(totalFrames: frames, sourceRate: rate.perSecond)
      precondition(plan.indices.allSatisfy { (0..<frames).contains($0) })
      precondition(plan.framesPerSecond.isFinite && plan.framesPerSecond > 0)
    }
  }

  /// The lines that ffprobe prints per frame, and what tools write to standard error.
  private static let frameLines = Reader(
    name: "ffmpeg-lines",
    seeds: [
      "K__\n___\n_D_\n\nP\n", "0.5,N/A,0.04,K__\n0.54,0.5,N/A,___,\n", "1024\n7\n",
      "error\r\u{1B}[31mno\nConversion failed!\n",
    ].map {
      [UInt8]($0.utf8)
    },
    bound: AllocationBound(fixed: 1 << 20, perByte: 4)
  ) { bytes in
    var times = PacketTimes()
    times.read(bytes.span.bytes)
    precondition(times.seconds.map { $0 > 0 && $0.isFinite } ?? true)
    var samples = SampleCounter()
    samples.read(bytes.span.bytes)
    precondition(samples.total >= 0)
    precondition(
      NotMediaKind(start: bytes).map { NotMediaKind.allCases.contains($0) } ?? true)
    let cut = try? BoxChain.cut(fileSize: bytes.count) {
      (offset, count) throws(MediaError) in Array(bytes.dropFirst(offset).prefix(count))
    }
    precondition(cut.flatMap { $0 }.map { $0.end > bytes.count } ?? true)
    var stderrTail = StderrTail()
    stderrTail.append(bytes.span.bytes)
    precondition(stderrTail.causeLine.unicodeScalars.allSatisfy { $0.value >= 32 })
  }
}
