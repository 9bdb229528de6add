// The texts that all clients share.
export const sharedTexts = {
  "zh-CN": {
    shared: {
      loading: "正在载入…",
      again: "再试一次",
      nothing: "这里还没有内容",
      unreachable: "现在连不上服务器。请检查网络，稍后再试。",
      offline: "没有网络。显示的是上次看到的内容。",
      close: "关闭",
      signHere: "请用手指在框内签名",
      clear: "重写",
      demo: "演示环境 · 人物均为虚构 · 验证码 000000",
      language: "English",
      skip: "跳到内容",
      more: "显示更多",
      title: { hushi: "护士", hushi_shi: "护师", zhuguan: "主管护师", fuzhuren: "副主任护师", zhuren: "主任护师" },
    },
  },
  en: {
    shared: {
      loading: "Loading…",
      again: "Try again",
      nothing: "Nothing here yet",
      unreachable: "The server cannot be reached. Check the network and try again in a moment.",
      offline: "No network. This is what was seen last.",
      close: "Close",
      signHere: "Sign with your finger in the box",
      clear: "Start over",
      demo: "Demo · people are made up · code 000000",
      language: "中文",
      skip: "Skip to content",
      more: "Show more",
      title: {
        hushi: "Nurse",
        hushi_shi: "Senior nurse",
        zhuguan: "Nurse in charge",
        fuzhuren: "Associate chief nurse",
        zhuren: "Chief nurse",
      },
    },
  },
} as const;
