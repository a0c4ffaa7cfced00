#!/bin/sh
# The whole training, as the shipped weights had it: train.sh OUT. About 100 minutes of two cores of their own give
# more steps than the shipped model had. A call goes on where the last one was stopped.
set -e
out=$1
python=${PYTHON:-python3}
mkdir -p "$out"

$python build_tokenizer.py "$out"
if [ ! -e "$out/vision.pt" ]; then
  $python train_encoders.py vision --minutes 8 --out "$out/vision.pt" > "$out/log.vision.txt" &
  $python train_encoders.py audio --minutes 4 --out "$out/audio.pt" > "$out/log.audio.txt"
  wait
fi
if [ ! -e "$out/bank1.json" ]; then
  for i in 0 1; do
    $python build_bank.py --model "$out" --encoders "$out/vision.pt" "$out/audio.pt" --clips 3200 \
      --first-seed $((20000000 + i * 1000000)) --out "$out/bank$i" &
  done
  wait
fi

# One stage of the curriculum: stage MINUTES WINDOWS TOKENS TAIL WEIGHTS [MORE...]. MINUTES count from the start.
stage() {
  minutes=$1 windows=$2 tokens=$3 tail=$4 weights=$5; shift 5
  ./launch.sh "$out/run" --model "$out" --encoders "$out/vision.pt" "$out/audio.pt" --bank "$out/bank0" "$out/bank1" \
    --minutes "$minutes" --phases "0:$windows" --tokens "$tokens" --tail "$tail" --weights "$weights" \
    --compile --decay-from "${DECAY:-1.0}" --final 0.02 "$@"
}

few=v_colour=0.3,v_shape=0.3,v_place=0.3,v_motion=0.4,a_sound=0.3,describe=0.15
stage 2.5 1 3600 176 ""
stage 9 2 2400 176 ""
stage 15 2 2400 128 "$few,v_bind=1.5,v_which=2.5,v_count=0.7,v_order=1.5,c_video=0.1,a_which=2.5,a_count=0.7,a_order=1,\
c_audio=0.1,c_cross=0.1,x_colour=2.5,x_shape=2.5,x_place=1.5,x_sound=2.5,x_yesno=1"
stage 20 223 2400 128 "$few,v_bind=1.5,v_which=2,v_count=1,v_order=1.5,c_video=0.3,a_which=1,a_count=1,a_order=1,\
c_audio=0.3,c_cross=0.1,x_colour=2.5,x_shape=2.5,x_place=2,x_sound=3.5,x_yesno=1.5"
stage 25 2334 2800 144 "v_colour=0.4,v_shape=0.6,v_place=0.4,v_motion=0.7,v_bind=1.2,v_which=1.5,v_count=1.5,v_order=1.2,\
c_video=0.7,a_sound=0.4,a_which=1,a_count=1,a_order=1,c_audio=0.5,c_cross=0.5,describe=0.3,x_colour=2,x_shape=2,x_place=1.7,\
x_sound=2.5,x_yesno=2.5"
stage 38 2334456 3000 160 "v_colour=0.4,v_shape=0.6,v_place=0.4,v_motion=0.7,v_bind=1.2,v_which=1.5,v_count=2,v_order=1.3,\
c_video=1.2,a_sound=0.6,a_which=1.2,a_count=1.3,a_order=1.3,c_audio=0.8,c_cross=1,describe=0.4,x_colour=2.2,x_shape=2,x_place=2,\
x_sound=2.2,x_yesno=2.2"
late="v_colour=0.4,v_shape=0.6,v_place=0.5,v_motion=0.9,v_bind=1.2,v_which=1.5,v_count=3,v_order=1.4,a_sound=0.8,a_which=1.2,\
a_count=1.8,a_order=1.2,describe=0.4,x_colour=1.8,x_shape=1.8,x_place=1.6,x_sound=1.6,x_yesno=1.8"
stage 45.5 23345566 3000 176 "$late,c_video=3,c_audio=1.5,c_cross=3"
stage 54 11234556 3000 176 "$late,c_video=5,c_audio=2.5,c_cross=5"
DECAY=0.6 stage 89 12344556 3200 176 "v_colour=0.4,v_shape=0.5,v_place=0.5,v_motion=1,v_bind=1.2,v_which=1.2,v_count=5,\
v_order=1.4,c_video=3,a_sound=0.8,a_which=1.2,a_count=2.5,a_order=1.2,c_audio=1.5,c_cross=6,describe=0.4,x_colour=1.8,x_shape=1.6,\
x_place=1.6,x_sound=1.6,x_yesno=2"
DECAY=0.967 stage 92 3456 2600 144 "v_colour=0.4,v_shape=0.4,v_place=0.3,v_motion=0.5,v_bind=0.6,v_which=0.6,v_count=4,\
v_order=1,c_video=1.5,a_sound=0.5,a_which=0.6,a_count=6,a_order=1.2,c_audio=2,c_cross=2.5,describe=0.2,x_colour=0.6,x_shape=0.6,\
x_place=0.6,x_sound=0.6,x_yesno=0.6" --rate 7e-4
$python export.py "$out/run/weights.pt" "$out"
