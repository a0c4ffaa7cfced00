extension FFmpeg {
  /// File formats that are accepted, by ffmpeg's names: those that contain their own media data.
  ///
  /// Excluded are formats that refer to other files or URLs (playlists, manifests, concatenation
  /// lists, file name patterns, scripts), devices, and rendered text.
  static let formats = containers + movingPictures + sounds + pictures

  private static let containers = [
    "asf", "asf_o", "avi", "dhav", "dv", "flv", "gxf", "ivf", "kux", "live_flv", "lxf", "matroska",
    "mov", "mpeg", "mpegts", "mpegtsraw", "mtv", "mxf", "nsv", "nut", "nuv", "ogg", "pmp", "rm",
    "swf", "ty", "webm", "wtv", "mods", "moflex",
  ]

  private static let movingPictures = [
    "apng", "av1", "avs2", "avs3", "bink", "cavsvideo", "cine", "dirac", "dnxhd", "evc",
    "filmstrip",
    "film_cpk", "flic", "gif", "h261", "h263", "h264", "hevc", "m4v", "mjpeg", "mjpeg_2000",
    "mpegvideo", "mpjpeg", "mvi", "mv", "obu", "r3d", "roq", "smjpeg", "smk", "vc1", "vc1test",
    "vvc", "webp_anim", "yuv4mpegpipe",
  ]

  private static let sounds = [
    "aa", "aac", "aax", "ac3", "ac4", "adx", "aiff", "amr", "amrnb", "amrwb", "ape", "ast", "au",
    "avr", "bonk", "caf", "codec2", "dff", "dsf", "dss", "dts", "dtshd", "eac3", "epaf", "flac",
    "g723_1", "iamf", "iff", "ilbc", "ircam", "laf", "loas", "mca", "mlp", "mp3", "mpc", "mpc8",
    "nistsphere", "oma", "osq", "paf", "pvf", "qcp", "qoa", "rso", "sbc", "sds", "sdx", "shn",
    "sox",
    "spdif", "tak", "truehd", "tta", "usm", "voc", "vqf", "w64", "wav", "wsd", "wv", "wve", "xa",
    "xwma",
  ]

  private static let pictures = [
    "alias_pix", "bmp_pipe", "brender_pix", "cri_pipe", "dds_pipe", "dpx_pipe", "exr_pipe", "fits",
    "gem_pipe", "gif_pipe", "hdr_pipe", "ico", "j2k_pipe", "jpeg_pipe", "jpegls_pipe",
    "jpegxl_anim", "jpegxl_pipe", "jpegxs_pipe", "pam_pipe", "pbm_pipe", "pcx_pipe", "pfm_pipe",
    "pgm_pipe", "pgmyuv_pipe", "pgx_pipe", "phm_pipe", "photocd_pipe", "pictor_pipe", "png_pipe",
    "ppm_pipe", "psd_pipe", "qdraw_pipe", "qoi_pipe", "sgi_pipe", "sunrast_pipe", "tiff_pipe",
    "vbn_pipe", "webp_pipe", "xbm_pipe", "xpm_pipe", "xwd_pipe",
  ]
}
