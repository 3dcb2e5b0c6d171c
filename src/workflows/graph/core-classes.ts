/**
 * The node classes of ComfyUI that users may use by default: those of its core (nodes.py and comfy_extras) that reach no file, network or
 * code except through bound inputs. Left out on purpose:
 * - LoadImageOutput, Load3D, Preview3D and WebcamCapture read files of other users, or of the page;
 * - CheckpointSave, CLIPSave, VAESave, ModelSave, LoraSave and the training classes write into the folders of models;
 * - GLSLShader, TorchCompileModel, ComfyMathExpression, StringFormat and the Regex classes execute code, or an expression without a bound;
 * - every class of comfy_api_nodes sends data over the network, at the operator's cost.
 */
const GROUPS: readonly { reason: string; classes: string }[] = [
  {
    reason: 'They load models, which belong to every user, by a name that ComfyUI lists.',
    classes: `
      CheckpointLoaderSimple unCLIPCheckpointLoader ImageOnlyCheckpointLoader UNETLoader CLIPLoader DualCLIPLoader TripleCLIPLoader
      QuadrupleCLIPLoader CLIPVisionLoader VAELoader LoraLoader LoraLoaderModelOnly LoraLoaderBypass LoraLoaderBypassModelOnly
      ControlNetLoader DiffControlNetLoader StyleModelLoader UpscaleModelLoader LatentUpscaleModelLoader HypernetworkLoader GLIGENLoader
      ModelPatchLoader AudioEncoderLoader PhotoMakerLoader LTXVAudioVAELoader LTXAVTextEncoderLoader LoadBackgroundRemovalModel
      LoadDA3Model FrameInterpolationModelLoader LoadMediaPipeFaceLandmarker LoadMoGeModel OpticalFlowLoader`,
  },
  {
    reason: 'They read a file whose name has to be bound to an upload or an image of the caller.',
    classes: 'LoadImage LoadImageMask LoadVideo LoadAudio LoadLatent',
  },
  {
    reason: 'They write only under a prefix of the server, or into the temporary folder.',
    classes: `
      SaveImage SaveImageAdvanced SaveAnimatedPNG SaveAnimatedWEBP SaveVideo SaveWEBM SaveAudio SaveAudioAdvanced SaveAudioMP3
      SaveAudioOpus SaveLatent SaveText SaveGLB SaveSVGNode PreviewImage PreviewAudio PreviewAny MaskPreview ImageCompare`,
  },
  {
    reason: 'They change models, prompts and schedules in memory.',
    classes: `
      CLIPSetLastLayer CLIPTextEncode CLIPTextEncodeSDXL CLIPTextEncodeSDXLRefiner CLIPTextEncodeSD3 CLIPTextEncodeFlux
      CLIPTextEncodeHunyuanDiT CLIPVisionEncode CLIPMergeSimple CLIPMergeAdd CLIPMergeSubtract T5TokenizerOptions TextEncodeQwenImageEdit
      TextEncodeQwenImageEditPlus TextEncodeZImageOmni TextEncodeAceStepAudio TextEncodeAceStepAudio1.5
      TextEncodeHunyuanVideo_ImageToVideo ConditioningZeroOut ConditioningCombine ConditioningConcat ConditioningAverage
      ConditioningSetArea ConditioningSetAreaPercentage ConditioningSetAreaStrength ConditioningSetMask ConditioningSetTimestepRange
      unCLIPConditioning StyleModelApply GLIGENTextBoxApply FluxGuidance FluxDisableGuidance FluxKontextMultiReferenceLatentMethod
      ReferenceLatent InpaintModelConditioning InstructPixToPixConditioning LotusConditioning StableZero123_Conditioning
      SVD_img2vid_Conditioning ControlNetApply ControlNetApplyAdvanced ControlNetApplySD3 ControlNetInpaintingAliMamaApply
      SetUnionControlNetType QwenImageDiffsynthControlnet ZImageFunControlnet DifferentialDiffusion FreeU FreeU_V2 FreSca RescaleCFG
      CFGNorm CFGZeroStar EasyCache PerturbedAttentionGuidance SkipLayerGuidanceDiT SkipLayerGuidanceDiTSimple SkipLayerGuidanceSD3
      SelfAttentionGuidance HyperTile PatchModelAddDownscale TomePatchModel ModelSamplingAuraFlow ModelSamplingFlux ModelSamplingSD3
      ModelSamplingDiscrete ModelSamplingContinuousEDM ModelSamplingContinuousV ModelSamplingLTXV ModelMergeSimple ModelMergeBlocks
      ModelMergeAdd ModelMergeSubtract ModelMergeSDXL ModelMergeQwenImage VideoLinearCFGGuidance VideoTriangleCFGGuidance`,
  },
  {
    reason: 'They sample, encode and decode in memory.',
    classes: `
      KSampler KSamplerAdvanced KSamplerSelect SamplerCustom SamplerCustomAdvanced SamplerEulerAncestral SamplerEulerAncestralCFGPP
      SamplerDPMPP_2M_SDE SamplerDPMPP_3M_SDE SamplerDPMPP_SDE SamplerDPMPP_2S_Ancestral SamplerLMS SamplerLCMUpscale BasicGuider CFGGuider
      DualCFGGuider RandomNoise DisableNoise BasicScheduler KarrasScheduler ExponentialScheduler PolyexponentialScheduler
      LaplaceScheduler BetaSamplingScheduler VPScheduler SDTurboScheduler AlignYourStepsScheduler GITSScheduler Flux2Scheduler
      LTXVScheduler ManualSigmas SplitSigmas SplitSigmasDenoise FlipSigmas SetFirstSigma VAEDecode VAEDecodeTiled VAEEncode
      VAEEncodeTiled VAEEncodeForInpaint VAEDecodeAudio VAEEncodeAudio VAEDecodeHunyuan3D LTXVAudioVAEDecode LTXVAudioVAEEncode`,
  },
  {
    reason: 'They make and change latents in memory.',
    classes: `
      EmptyLatentImage EmptySD3LatentImage EmptyFlux2LatentImage EmptyHunyuanImageLatent EmptyQwenImageLayeredLatentImage
      EmptyChromaRadianceLatentImage EmptyLatentAudio EmptyAceStepLatentAudio EmptyAceStep1.5LatentAudio EmptyHunyuanLatentVideo
      EmptyHunyuanVideo15Latent EmptyLTXVLatentVideo EmptyMochiLatentVideo EmptyCosmosLatentVideo EmptyLatentHunyuan3Dv2
      StableCascade_EmptyLatentImage StableCascade_StageB_Conditioning StableCascade_StageC_VAEEncode LTXVEmptyLatentAudio
      SetLatentNoiseMask LatentUpscale LatentUpscaleBy LatentComposite LatentCompositeMasked LatentBlend LatentAdd LatentSubtract
      LatentMultiply LatentInterpolate LatentBatch LatentBatchSeedBehavior LatentFromBatch RepeatLatentBatch LatentCrop LatentCut
      LatentCutToBatch LatentFlip LatentRotate TrimVideoLatent`,
  },
  {
    reason: 'They make videos, sound and 3D models in memory.',
    classes: `
      CreateVideo GetVideoComponents HunyuanImageToVideo WanImageToVideo WanFirstLastFrameToVideo WanFunControlToVideo
      WanFunInpaintToVideo WanVaceToVideo WanCameraEmbedding WanCameraImageToVideo WanSCAILToVideo SCAIL2ColoredMask
      Wan22ImageToVideoLatent CosmosImageToVideoLatent CosmosPredict2ImageToVideoLatent LTXVConditioning LTXVImgToVideo
      LTXVImgToVideoInplace LTXVAddGuide LTXVCropGuides LTXVPreprocess LTXVConcatAVLatent LTXVSeparateAVLatent LTXVLatentUpsampler
      FrameInterpolate EmptyAudio AudioMerge AudioConcat AudioAdjustVolume TrimAudioDuration Hunyuan3Dv2Conditioning
      Hunyuan3Dv2ConditioningMultiView VoxelToMesh VoxelToMeshBasic`,
  },
  {
    reason: 'They make and change pictures and masks in memory.',
    classes: `
      EmptyImage ImageScale ImageScaleBy ImageScaleToMaxDimension ImageScaleToTotalPixels ImageInvert ImageBatch BatchImagesNode
      ImageFromBatch RepeatImageBatch ImageCrop ImageCropV2 ImageFlip ImageRotate ImageStitch ImagePadForOutpaint ResizeAndPadImage
      ResizeImageMaskNode ResizeImagesByLongerEdge ImageBlend ImageBlur ImageQuantize ImageSharpen ImageAddNoise ImageColorToMask
      ImageToMask MaskToImage SolidMask InvertMask CropMask MaskComposite FeatherMask GrowMask ThresholdMask ImageCompositeMasked
      PorterDuffImageComposite JoinImageWithAlpha SplitImageWithAlpha ImageUpscaleWithModel GetImageSize Canny Morphology ColorTransfer
      SplitImageToTileList PrimitiveBoundingBox FluxKontextImageScale RemoveBackground DA3Inference DA3Render MediaPipeFaceLandmarker
      MediaPipeFaceMask MoGeInference MoGeRender MoGePointMapToMesh SAM3_Detect SAM3_VideoTrack RTDETR_detect SDPoseDrawKeypoints
      SDPoseKeypointExtractor VOIDInpaintConditioning VOIDSampler VOIDWarpedNoise VOIDWarpedNoiseSource`,
  },
  {
    reason: 'They hold, choose and generate values.',
    classes: `
      PrimitiveInt PrimitiveFloat PrimitiveString PrimitiveStringMultiline PrimitiveBoolean StringConcatenate StringSubstring StringLength
      StringTrim StringReplace StringContains StringCompare CaseConverter ComfySwitchNode CreateList CurveEditor TextGenerate`,
  },
];

export const CORE_CLASSES: readonly string[] = GROUPS.flatMap(({ classes }) => classes.trim().split(/\s+/));
