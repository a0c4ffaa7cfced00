/// Token ids with a meaning of their own.
struct SpecialTokens: Sendable, Equatable {
  let audio, audioStart, audioEnd, image, video, visionStart, visionEnd: Int

  init(_ file: ThinkerFile, _ check: Check, vocabulary: Int) throws(CheckpointError) {
    func id(_ value: Int?, _ other: Int?, _ key: String) throws(CheckpointError) -> Int {
      guard let id = value ?? other else { throw check.wrong(key, "absent", "a token id") }
      guard id >= 0, id < vocabulary else {
        throw check.wrong(key, id, "an id below vocab_size \(vocabulary)")
      }
      return id
    }
    audio = try id(file.audio_token_index, file.audio_token_id, "audio_token_index")
    audioStart = try id(file.audio_start_token_id, nil, "audio_start_token_id")
    audioEnd = try id(file.audio_end_token_id, nil, "audio_end_token_id")
    image = try id(file.image_token_index, file.image_token_id, "image_token_index")
    video = try id(file.video_token_index, file.video_token_id, "video_token_index")
    visionStart = try id(file.vision_start_token_id, nil, "vision_start_token_id")
    visionEnd = try id(file.vision_end_token_id, nil, "vision_end_token_id")
  }

  init(
    audio: Int, audioStart: Int, audioEnd: Int, image: Int, video: Int, visionStart: Int,
    visionEnd: Int
  ) {
    self.audio = audio
    self.audioStart = audioStart
    self.audioEnd = audioEnd
    self.image = image
    self.video = video
    self.visionStart = visionStart
    self.visionEnd = visionEnd
  }
}
